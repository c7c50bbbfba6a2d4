import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUEL_EXPORT } from '../artifact-format.ts';
import { meterModule } from './meter-module.ts';
import { moduleOf } from './wat.fixture.ts';
import { type Global, wasm } from './webassembly.fixture.ts';

/** A program of nested control flow that keeps account, in itself, of the instructions it runs. */
type Program =
  | { readonly kind: 'steps'; readonly count: number }
  | { readonly kind: 'if'; readonly met: Program[]; readonly otherwise: Program[] }
  | { readonly kind: 'block' | 'loop'; readonly body: Program[] }
  | { readonly kind: 'leave'; readonly depth: number; readonly sometimes: boolean }
  | { readonly kind: 'choose'; readonly depths: number[] };

const { programs } = fc.letrec<{ programs: Program[]; program: Program }>((tie) => ({
  program: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('steps' as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ kind: fc.constant('leave' as const), depth: fc.nat(5), sometimes: fc.boolean() }),
    fc.record({
      kind: fc.constant('choose' as const),
      depths: fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('if' as const), met: tie('programs'), otherwise: tie('programs') }),
    fc.record({ kind: fc.constantFrom('block' as const, 'loop' as const), body: tie('programs') }),
  ),
  programs: fc.array(tie('program'), { minLength: 1, maxLength: 5 }),
}));

/** Adds to the program's own account: what the four instructions of the entry cost, and `more`. */
function account(more: number): string {
  return `(global.set $cost (i64.add (global.get $cost) (i64.const ${4 + more})))`;
}

/** A pseudo-random number, with an entry for its nine instructions and those that follow. */
function coin(following: number): string {
  return `${account(9 + following)}
    (global.set $seed (i32.add (i32.mul (global.get $seed) (i32.const 1103515245)) (i32.const 12345)))
    (i32.shr_u (global.get $seed) (i32.const 16))`;
}

function textOf(programs: readonly Program[], depth: number): string {
  return programs.map((program) => textOfOne(program, depth)).join('\n');
}

function textOfOne(program: Program, depth: number): string {
  const target = (wish: number): number => wish % (depth + 1);
  switch (program.kind) {
    case 'steps':
      return account(0).repeat(program.count);
    case 'if':
      return `${coin(3)} i32.const 1 i32.and if ${textOf(program.met, depth + 1)} else ${textOf(program.otherwise, depth + 1)} end`;
    case 'block':
      return `block ${textOf(program.body, depth + 1)} end`;
    case 'loop':
      return `loop ${textOf(program.body, depth + 1)} end`;
    case 'leave':
      return program.sometimes
        ? `${coin(3)} i32.const 3 i32.and br_if ${target(program.depth)}`
        : `${account(1)} br ${target(program.depth)}`;
    case 'choose':
      return `${coin(1)} br_table ${program.depths.map(target).join(' ')}`;
  }
}

it('charges at least one unit for every instruction that runs, whatever way control takes, and ends what never ends', async () => {
  await fc.assert(
    fc.asyncProperty(programs, fc.integer(), async (body, seed) => {
      const source = await moduleOf(`(module (global $cost (export "cost") (mut i64) (i64.const 0))
        (global $seed (mut i32) (i32.const ${seed})) (func (export "run") ${textOf(body, 0)}))`);
      const { bytes } = meterModule(source, { memoryMaxPages: 1, tableMaxEntries: 1_000_000 });
      expect(wasm.validate(bytes)).toBe(true);
      const { exports } = new wasm.Instance(new wasm.Module(bytes), {});
      const fuel = exports[FUEL_EXPORT] as Global<bigint>;
      const given = 200_000n;
      fuel.value = given;
      try {
        (exports.run as () => void)();
        expect(fuel.value).toBeGreaterThanOrEqual(-4096n);
      } catch (error) {
        expect(error).toBeInstanceOf(wasm.RuntimeError);
        expect(fuel.value).toBeLessThan(0n); // it was ended by its bound and by nothing else
      }
      const cost = (exports.cost as Global<bigint>).value;
      expect(given - fuel.value).toBeGreaterThanOrEqual(cost);
    }),
    { numRuns: 300 },
  );
});
