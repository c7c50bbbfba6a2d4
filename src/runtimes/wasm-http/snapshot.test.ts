import { parse } from '@bytecodealliance/jco-transpile/wasm-tools';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { Snapshot } from './snapshot.ts';
import { type WasmCounter, type WasmInstance, type WasmModule, webAssembly } from './webassembly.ts';

const PAGES = 3;
const SIZE = PAGES * 65_536;
/** As the builder leaves a core: its own memory and mutable globals are exported under names of the platform. */
const CORE = `(module
  (memory (export "$m0") ${PAGES} 8)
  (memory (export "$m1") 0 8)
  (global (export "$g0") (mut i32) (i32.const 7))
  (global (export "$g1") (mut i64) (i64.const -1))
  (global (export "$fuel") (mut i64) (i64.const 5))
  (func (export "grow") (param i32) (drop (memory.grow 0 (local.get 0)))))`;

interface Core {
  readonly $m0: { readonly buffer: ArrayBuffer };
  readonly $g0: { value: number };
  readonly $g1: WasmCounter;
  readonly $fuel: WasmCounter;
  readonly grow: (pages: number) => void;
}

let core: WasmModule;
beforeAll(async () => {
  core = new webAssembly.Module(await parse(CORE));
});

function instance(): { readonly cores: WasmInstance[]; readonly core: Core; readonly bytes: () => Buffer } {
  const made = new webAssembly.Instance(core);
  const exports = made.exports as unknown as Core;
  return { cores: [made], core: exports, bytes: () => Buffer.from(exports.$m0.buffer) };
}

/** A few bytes somewhere, mostly where one piece of memory ends and another begins. */
const write = fc.record({
  at: fc.oneof(
    fc.integer({ min: 0, max: SIZE - 1 }),
    fc
      .tuple(fc.integer({ min: 0, max: SIZE / 64 }), fc.integer({ min: -2, max: 2 }))
      .map(([line, by]) => line * 64 + by),
    fc.constantFrom(0, 4095, 4096, 65_535, 65_536, SIZE - 1),
  ),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }),
});
const writes = fc.array(write, { maxLength: 12 });

function apply(bytes: Buffer, all: readonly { readonly at: number; readonly bytes: Uint8Array }[]): void {
  for (const { at, bytes: some } of all) {
    for (const [by, byte] of some.entries()) if (at + by >= 0 && at + by < SIZE) bytes[at + by] = byte;
  }
}

test('whatever was written, memory and globals are as they were, byte for byte, in any instance and as often as one likes', () => {
  const globals = fc.tuple(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }));
  fc.assert(
    fc.property(
      writes,
      globals,
      fc.array(fc.tuple(writes, globals), { maxLength: 3 }),
      (first, [g0, g1], requests) => {
        const one = instance();
        apply(one.bytes(), first);
        [one.core.$g0.value, one.core.$g1.value] = [g0, g1];
        const before = Buffer.from(one.bytes());
        const snapshot = new Snapshot(one.cores);
        const other = instance();
        for (const { cores, core: own, bytes } of [one, other]) {
          const back = snapshot.wayBack(cores);
          for (const [written, [h0, h1]] of requests) {
            apply(bytes(), written);
            [own.$g0.value, own.$g1.value, own.$fuel.value] = [h0, h1, 3n];
            expect(back()).toBe(true);
            expect(bytes().equals(before)).toBe(true);
            expect([own.$g0.value, own.$g1.value, own.$fuel.value]).toEqual([g0, g1, 3n]); // fuel is the host's
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('every single byte counts', () => {
  const one = instance();
  one.bytes().fill(1, 4096, 8192); // so that both kinds of pieces are there, zeros and others
  const before = Buffer.from(one.bytes());
  const back = new Snapshot(one.cores).wayBack(one.cores);
  for (let at = 3968; at < 8320; at += 1) {
    one.bytes()[at] = 255;
    back();
    expect(one.bytes()[at]).toBe(before[at]);
  }
  expect(one.bytes().equals(before)).toBe(true);
});

test('what was a copy once is not written into: later requests find the same', () => {
  const one = instance();
  one.bytes().write('kept', 100);
  const snapshot = new Snapshot(one.cores);
  one.bytes().fill(9);
  const [back, otherBack] = [snapshot.wayBack(one.cores), snapshot.wayBack(instance().cores)];
  expect([back(), otherBack(), one.bytes().toString('latin1', 100, 104)]).toEqual([true, true, 'kept']);
});

test('a memory that has grown cannot be put back, and nothing is changed', () => {
  const one = instance();
  const back = new Snapshot(one.cores).wayBack(one.cores);
  one.core.grow(1);
  one.bytes()[5] = 1;
  one.core.$g0.value = 1;
  expect([back(), one.bytes()[5], one.core.$g0.value]).toEqual([false, 1, 1]);
});
