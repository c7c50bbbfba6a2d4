import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageOf } from './paging.ts';

test('pages put together are the list, whatever their size', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 })),
      fc.integer({ min: 1, max: 7 }),
      (keys, limit) => {
        const sorted = [...keys].sort((a, b) => (a < b ? -1 : 1));
        const seen: string[] = [];
        for (let cursor: string | null = ''; cursor !== null; ) {
          const page: ReturnType<typeof pageOf<string>> = pageOf(sorted, (key) => key, { limit, cursor });
          expect(page.rows.length).toBeLessThanOrEqual(limit);
          seen.push(...page.rows);
          cursor = page.next;
        }
        expect(seen).toEqual(sorted);
      },
    ),
  );
});
