import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FUEL_EXPORT } from '../artifact-format.ts';
import { meterModule } from './meter-module.ts';
import { moduleOf, SAMPLES } from './wat.fixture.ts';
import { type Exports, type Global, type Memory, wasm } from './webassembly.fixture.ts';

const BOUNDS = { memoryMaxPages: 16, tableMaxEntries: 1_000_000 };

interface Instance {
  readonly run: (value: number) => number;
  readonly fuel: Global<bigint>;
  readonly exports: Exports;
}

function instantiate(bytes: Uint8Array, imports: object = {}): Instance {
  const { exports } = new wasm.Instance(new wasm.Module(bytes), imports);
  return {
    run: exports.run as (value: number) => number,
    fuel: exports[FUEL_EXPORT] as Global<bigint>,
    exports,
  };
}

async function metered(wat: string): Promise<Instance> {
  return instantiate(meterModule(await moduleOf(wat), BOUNDS).bytes);
}

describe('meterModule', () => {
  it.each(Object.entries(SAMPLES))('leaves what %s computes as it was', async (_name, wat) => {
    const original = await moduleOf(wat);
    const { bytes } = meterModule(original, BOUNDS);
    expect(wasm.validate(bytes)).toBe(true);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 24 }), (value) => {
        expect(instantiate(bytes).run(value)).toBe(instantiate(original).run(value));
      }),
      { numRuns: 25 },
    );
  });

  it('charges more for more work', async () => {
    const { run, fuel } = await metered(SAMPLES.fib!);
    const spent = (value: number): bigint => {
      fuel.value = 1_000_000n;
      run(value);
      return 1_000_000n - fuel.value;
    };
    expect(spent(10)).toBeGreaterThan(0n);
    expect(spent(15)).toBeGreaterThan(spent(10) * 5n);
  });

  it('ends an endless loop with the counter below zero', async () => {
    const { run, fuel } = await metered(
      '(module (func (export "run") (param i32) (result i32) (loop $l (br $l)) (i32.const 0)))',
    );
    fuel.value = 100_000n;
    expect(() => run(1)).toThrow(wasm.RuntimeError);
    expect(fuel.value).toBeLessThan(0n);
  });

  it.each([
    ['recursion', '(func $f (export "run") (param i32) (result i32) (call $f (local.get 0)))'],
    ['tail calls', '(func $f (export "run") (param i32) (result i32) (return_call $f (local.get 0)))'],
    [
      'a loop by br_table',
      '(func (export "run") (param i32) (result i32) (loop (br_table 0 0 (local.get 0))) (i32.const 0))',
    ],
    [
      'a loop by br_if',
      '(func (export "run") (param i32) (result i32) (loop (br_if 0 (i32.const 1))) (i32.const 0))',
    ],
    [
      'a loop that swallows every exception',
      '(tag $e) (func (export "run") (param i32) (result i32) loop try throw $e catch_all end br 0 end i32.const 0)',
    ],
    [
      'a chain of indirect calls',
      '(type $t (func (param i32) (result i32))) (table funcref (elem $f)) (func $f (export "run") (type $t) (return_call_indirect (type $t) (local.get 0) (i32.const 0)))',
    ],
  ])('ends endless %s', async (_name, body) => {
    const { run, fuel } = await metered(`(module ${body})`);
    fuel.value = 5_000n; // little enough that recursion runs out of fuel before it runs out of stack
    expect(() => run(1)).toThrow(wasm.RuntimeError);
    expect(fuel.value).toBeLessThan(0n);
  });

  it.each([
    ['memory.fill', '(memory.fill (i32.const 0) (i32.const 1) (local.get 0))', 8n],
    ['memory.copy', '(memory.copy (i32.const 0) (i32.const 0) (local.get 0))', 8n],
    ['table.fill', '(table.fill (i32.const 0) (ref.null func) (local.get 0))', 1n],
  ])('charges %s by its length', async (_name, instruction, unitsPerFuel) => {
    const { run, fuel } = await metered(
      `(module (memory 2) (table 100000 funcref) (func (export "run") (param i32) (result i32) ${instruction} (i32.const 0)))`,
    );
    fuel.value = 1_000_000n;
    run(80_000);
    expect(1_000_000n - fuel.value).toBeGreaterThanOrEqual(80_000n / unitsPerFuel);
    expect(1_000_000n - fuel.value).toBeLessThan(80_000n / unitsPerFuel + 20n);
  });

  it('stops a bulk instruction that is not paid for before it writes', async () => {
    const { run, fuel, exports } = await metered(
      '(module (memory (export "memory") 2) (func (export "run") (param i32) (result i32) (memory.fill (i32.const 0) (i32.const 7) (local.get 0)) (i32.const 0)))',
    );
    fuel.value = 100n;
    expect(() => run(100_000)).toThrow(wasm.RuntimeError);
    expect(new Uint8Array((exports.memory as Memory).buffer)[0]).toBe(0);
  });

  it('bounds a start function, which runs before anyone could set the counter', async () => {
    const { bytes } = meterModule(await moduleOf('(module (func $f (loop $l (br $l))) (start $f))'), BOUNDS);
    expect(() => instantiate(bytes)).toThrow(wasm.RuntimeError);
  });

  it('refuses growth past the bound inside the module', async () => {
    const { run, exports } = await metered(
      '(module (memory (export "memory") 1 1000) (func (export "run") (param i32) (result i32) (memory.grow (local.get 0))))',
    );
    expect(run(15)).toBe(1);
    expect(run(1)).toBe(-1);
    expect((exports.memory as Memory).buffer.byteLength).toBe(16 * 65_536);
  });

  it('bounds an imported memory too', async () => {
    const source = await moduleOf(
      '(module (import "env" "memory" (memory 1)) (func (export "run") (param i32) (result i32) (i32.const 0)))',
    );
    const { bytes } = meterModule(source, BOUNDS);
    const bounded = new wasm.Memory({ initial: 1, maximum: 16 });
    const larger = new wasm.Memory({ initial: 1, maximum: 17 });
    expect(instantiate(bytes, { env: { memory: bounded } }).run(1)).toBe(0);
    expect(() => instantiate(bytes, { env: { memory: larger } })).toThrow(wasm.LinkError);
  });

  it('exports every memory of its own, so that the host sees what it holds', async () => {
    const { bytes } = meterModule(
      await moduleOf('(module (import "env" "m" (memory 1)) (memory 2) (memory (export "three") 3))'),
      BOUNDS,
    );
    const { exports } = instantiate(bytes, { env: { m: new wasm.Memory({ initial: 1, maximum: 16 }) } });
    expect(Object.keys(exports).filter((name) => name.startsWith('$m'))).toEqual(['$m1', '$m2']);
    expect((exports.$m1 as Memory).buffer.byteLength).toBe(2 * 65_536);
    expect(exports.$m2).toBe(exports.three);
  });

  it('names memory_mb when the module needs more from the start', async () => {
    const source = await moduleOf('(module (memory 33))');
    expect(() => meterModule(source, BOUNDS)).toThrow(
      expect.objectContaining({ code: 'build_failed', hint: expect.stringContaining('memory_mb = 3') }),
    );
  });

  it('exports mutable globals, and only those, for snapshots', async () => {
    const { bytes, mutableGlobals } = meterModule(await moduleOf(SAMPLES.globals!), BOUNDS);
    expect(mutableGlobals).toEqual(['$g0', '$g1']);
    const { run, exports } = instantiate(bytes);
    const saved = mutableGlobals.map((name) => (exports[name] as Global<number>).value);
    const first = run(3);
    expect(run(3)).not.toBe(first);
    mutableGlobals.forEach((name, index) => {
      (exports[name] as Global<unknown>).value = saved[index];
    });
    expect(run(3)).toBe(first);
  });

  it.each([
    [
      'garbage collection',
      '(module (type (struct (field i32))) (func (result i32) (struct.get 0 0 (struct.new 0 (i32.const 1)))))',
    ],
    ['try_table', '(module (func (block (try_table (catch_all 0)))))'],
    ['shared memory', '(module (memory 1 2 shared))'],
    ['64-bit memory', '(module (memory i64 1))'],
    ['a huge table', '(module (table 5000000 funcref))'],
    ['an export named $fuel', '(module (func (export "$fuel")))'],
  ])('refuses %s with a text that says what to do', async (_name, wat) => {
    const source = await moduleOf(wat);
    expect(() => meterModule(source, BOUNDS)).toThrow(
      expect.objectContaining({ code: 'build_failed', status: 422, hint: expect.any(String) }),
    );
  });

  it('refuses bytes that are no module, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(() => meterModule(bytes, BOUNDS)).toThrow(expect.objectContaining({ code: 'build_failed' }));
      }),
    );
  });
});
