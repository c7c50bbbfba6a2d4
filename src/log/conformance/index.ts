import { describe } from 'vitest';
import { appendCases } from './append.ts';
import { blobCases } from './blobs.ts';
import { eraseCases } from './erase.ts';
import type { MakeKeptLog, MakeLog } from './harness.ts';
import { readCases } from './read.ts';
import { reopenCases } from './reopen.ts';
import { subscribeCases } from './subscribe.ts';

export type { KeptLogUnderTest, LogUnderTest, MakeKeptLog, MakeLog } from './harness.ts';

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
    describe('blobs', () => blobCases(make));
    describe('reopen', () => reopenCases(make));
  });
}

/**
 * What every `KeptLog` promises beyond that: erasure, and what it takes on disk.
 *
 * @param make gives a fresh log on a medium of its own, with a clock that the test sets
 */
export function keptLogConformance(name: string, make: MakeKeptLog): void {
  describe(`${name} as a KeptLog`, () => {
    describe('erase and usage', () => eraseCases(make));
  });
}
