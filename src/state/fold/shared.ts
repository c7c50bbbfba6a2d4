import { isDeepStrictEqual } from 'node:util';

/**
 * The value, or the one before where they are equal: the versions of an app mostly say the same, and an office with
 * thousands of them holds it once.
 */
export function sharedWith<T>(before: T | undefined, value: T): T {
  return before !== undefined && isDeepStrictEqual(before, value) ? before : value;
}
