import { expect, test } from 'vitest';
import { codeOf, draft, type MakeLog, positionsOf, range, readAll, withLog } from './harness.ts';

/** What stays when a store is closed. */
export function reopenCases(make: MakeLog): void {
  test('a log opened again holds every event, goes on at the next position and still knows its ids', () =>
    withLog(make, async (first, reopen) => {
      const known = draft({ subject: 'thing/known' });
      await first.append(known);
      await Promise.all(range(2, 50).map((n) => first.append(draft({ data: { n } }))));
      const before = await readAll(first);

      const second = await reopen();
      expect(await second.head()).toBe(50);
      expect(await readAll(second)).toEqual(before);
      expect(await second.append(known)).toEqual({ position: 1, duplicate: true });
      expect(await codeOf(second.append(draft({ subject: 'thing/known' }), { expectedPosition: 0 }))).toBe(
        'position_conflict',
      );
      expect((await second.append(draft())).position).toBe(51);
      expect(positionsOf((await second.read({ segments: ['tenant_*.things'], after: 49 })).events)).toEqual([
        50, 51,
      ]);
    }));

  test('a closed log refuses everything, and closing again does nothing', () =>
    withLog(make, async (log) => {
      await log.append(draft());
      await log.close();
      await log.close();
      expect(await codeOf(log.append(draft()))).toBe('log_unavailable');
      expect(await codeOf(log.read({}))).toBe('log_unavailable');
      expect(await codeOf(log.head())).toBe('log_unavailable');
    }));
}
