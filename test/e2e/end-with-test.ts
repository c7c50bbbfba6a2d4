import { afterAll, afterEach, beforeEach } from 'vitest';
import { type Belonging, belongings, endAllBut } from './belongings.ts';

/**
 * Stands before each file of tests that start offices. A test that runs out of time is left where it stands: its `await using` and
 * `finally` come late or never, and what it began would be in the way of whatever runs after it.
 */
let before: ReadonlySet<Belonging> = new Set();
beforeEach(() => {
  before = belongings();
});
afterEach(() => endAllBut(before));
afterAll(() => endAllBut(new Set()));
