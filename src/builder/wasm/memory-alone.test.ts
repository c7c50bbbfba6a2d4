import { expect, it } from 'vitest';
import { changesMemoryAlone } from './memory-alone.ts';
import { moduleOf, SAMPLES } from './wat.fixture.ts';

const MODULE = (code: string): string =>
  `(module (memory 1) (table 4 funcref) (data $d "x") (elem $e func $f) (func $f) (func (export "run") ${code}))`;

it.each(Object.keys(SAMPLES).filter((name) => !/table|bulk/i.test(name)))(
  '%s changes memory alone',
  async (name) => {
    expect(changesMemoryAlone(await moduleOf(SAMPLES[name] ?? ''))).toBe(true);
  },
);

it.each([
  ['memory.fill', '(memory.fill (i32.const 0) (i32.const 1) (i32.const 2))', true],
  ['memory.init', '(memory.init $d (i32.const 0) (i32.const 0) (i32.const 1))', true],
  ['memory.grow', '(drop (memory.grow (i32.const 1)))', true],
  ['table.get', '(drop (table.get (i32.const 0)))', true],
  ['table.size', '(drop (table.size))', true],
  ['table.set', '(table.set (i32.const 0) (ref.null func))', false],
  ['table.grow', '(drop (table.grow (ref.null func) (i32.const 1)))', false],
  ['table.fill', '(table.fill (i32.const 0) (ref.null func) (i32.const 1))', false],
  ['table.copy', '(table.copy (i32.const 0) (i32.const 1) (i32.const 1))', false],
  ['table.init', '(table.init $e (i32.const 0) (i32.const 0) (i32.const 1))', false],
  ['elem.drop', '(elem.drop $e)', false],
  ['data.drop', '(data.drop $d)', false],
])('%s', async (_, code, expected) => {
  expect(changesMemoryAlone(await moduleOf(MODULE(code)))).toBe(expected);
});

it('a module without code changes nothing', async () => {
  expect(changesMemoryAlone(await moduleOf('(module)'))).toBe(true);
});
