import fc from 'fast-check';
import { expect, it } from 'vitest';
import { poolSize } from './pool-size.ts';

const MIB = 1 << 20;
const machine = (availableMib: number, totalMib = 8192) => ({
  availableBytes: availableMib * MIB,
  totalBytes: totalMib * MIB,
});

it('is as large as configured where there is memory enough, and empty on a small machine', () => {
  expect(poolSize(2, 0, machine(4096))).toBe(2);
  expect(poolSize(0, 0, machine(4096))).toBe(0);
  expect(poolSize(2, 0, machine(1000, 1024))).toBe(0);
});

it('keeps what there is a while longer than it would start another', () => {
  expect(poolSize(2, 0, machine(700))).toBe(0);
  expect(poolSize(2, 1, machine(700))).toBe(1);
  expect(poolSize(2, 1, machine(500))).toBe(0);
  expect(poolSize(2, 0, machine(900))).toBe(1);
});

it('never is more than configured, and never less when more memory is available', () => {
  const figures = fc.tuple(fc.nat(8), fc.nat(8), fc.nat(16_384), fc.nat(16_384), fc.nat(16_384));
  fc.assert(
    fc.property(figures, ([most, present, total, available, more]) => {
      const size = poolSize(most, present, machine(available, total));
      expect(size).toBeLessThanOrEqual(most);
      expect(size).toBeGreaterThanOrEqual(0);
      expect(poolSize(most, present, machine(available + more, total))).toBeGreaterThanOrEqual(size);
    }),
  );
});
