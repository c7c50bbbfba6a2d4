import { describe } from 'vitest';
import { appendCases } from './append.ts';
import type { MakeLog } from './harness.ts';
import { readCases } from './read.ts';
import { reopenCases } from './reopen.ts';
import { subscribeCases } from './subscribe.ts';

export type { LogUnderTest, MakeLog } from './harness.ts';

/**
 * What every `LogStore` promises (CONTRACTS §6). A new store passes this suite before anything uses it.
 *
 * @param name of the store, for the report
 * @param make gives a fresh log on a medium of its own
 */
export function logStoreConformance(name: string, make: MakeLog): void {
  describe(`${name} as a LogStore`, () => {
    describe('append', () => appendCases(make));
    describe('read', () => readCases(make));
    describe('subscribe', () => subscribeCases(make));
    describe('reopen', () => reopenCases(make));
  });
}
