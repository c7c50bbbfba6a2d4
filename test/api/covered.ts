import type { Entry } from './entry.ts';
import type { Operation } from './operation.ts';

/** What is missing: operations of the API that no entry calls, and entries that call what is not there. */
export function uncovered(operations: readonly Operation[], entries: readonly Entry[]): string[] {
  const described = new Set(operations.map(({ key }) => key));
  const called = new Set(entries.map(({ operation }) => operation));
  return [
    ...[...described]
      .filter((key) => !called.has(key))
      .map((key) => `${key} has no entry: add one under test/api/entries/ (how it is called, and who may)`),
    ...[...called]
      .filter((key) => !described.has(key))
      .map(
        (key) =>
          `${key} is called by an entry and is not in /openapi.json: describe the route, or take the entry out`,
      ),
  ];
}
