import fc from 'fast-check';
import { expect, it } from 'vitest';
import { poolSize } from './pool-size.ts';

const MIB = 1 << 20;
const machine = (availableMib: number, totalMib = 8192) => ({
  availableBytes: availableMib * MIB,
  totalBytes: totalMib * MIB,
});

it('is as large as configured where there is memory enough', () => {
  expect(poolSize(2, 0, machine(4096))).toBe(2);
  expect(poolSize(7, 0, machine(4096))).toBe(7);
  expect(poolSize(0, 0, machine(4096))).toBe(0);
  expect(poolSize(1, 0, machine(1000, 1024))).toBe(1);
});

it('suits the machine where nothing is configured: none on a small one, and never many', () => {
  const sizes = [1024, 2000, 4000, 8000, 64_000].map((mib) => poolSize('by_memory', 0, machine(mib, mib)));
  expect(sizes).toEqual([0, 1, 2, 4, 4]);
});

it('is nothing while the machine is short of memory, however large it is, and grows one by one after that', () => {
  expect(poolSize('by_memory', 4, machine(500, 64_000))).toBe(0);
  expect(poolSize('by_memory', 0, machine(780, 64_000))).toBe(1);
  expect(poolSize('by_memory', 0, machine(1100, 64_000))).toBe(2);
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
    fc.property(figures, fc.boolean(), ([number, present, total, available, more], isConfigured) => {
      const most = isConfigured ? number : 'by_memory';
      const size = poolSize(most, present, machine(available, total));
      expect(size).toBeLessThanOrEqual(isConfigured ? number : 4);
      expect(size).toBeGreaterThanOrEqual(0);
      expect(poolSize(most, present, machine(available + more, total))).toBeGreaterThanOrEqual(size);
    }),
  );
});
