import { expect, test } from 'vitest';
import { MAX_ENVELOPE_BYTES } from '../envelope.ts';
import { codeOf, draft, type MakeLog, positionsOf, range, readAll, withLog } from './harness.ts';

/** Positions, idempotency and the order of checks (CONTRACTS §6, "Append"). */
export function appendCases(make: MakeLog): void {
  test('an empty log has head 0 and no events', () =>
    withLog(make, async (log) => {
      expect(await log.head()).toBe(0);
      expect(await log.read({})).toEqual({ events: [], next: null, head: 0, damaged: [] });
    }));

  test('the first event is at position 1 and comes back as it was appended', () =>
    withLog(make, async (log) => {
      const given = draft({
        data: { text: 'naïve ☃ 𝄞 \u0000 "quoted" \\ \n', deep: [{ a: [null, true, -0.5, 1e21] }] },
        subject: 'app/ünïcode',
        actor: 'user:owner',
        causationid: 'cause',
        correlationid: 'whole',
      });
      expect(await log.append(given)).toEqual({ position: 1, duplicate: false });
      const { events } = await log.read({});
      expect(events).toEqual([{ ...given, specversion: '1.0', position: 1 }]);
    }));

  test('500 concurrent appends get 500 positions without a gap, each its own', () =>
    withLog(make, async (log) => {
      const drafts = range(1, 500).map((n) => draft({ subject: `thing/${n % 7}`, data: { n } }));
      const results = await Promise.all(drafts.map((one) => log.append(one)));
      expect(results.map((result) => result.position).sort((a, b) => a - b)).toEqual(range(1, 500));
      const stored = await readAll(log);
      expect(positionsOf(stored)).toEqual(range(1, 500));
      for (const [index, { position }] of results.entries()) {
        expect(stored[position - 1]?.id).toBe(drafts[index]?.id);
      }
    }));

  test('an id that is known answers the original position and appends nothing', () =>
    withLog(make, async (log) => {
      const first = draft({ data: { try: 1 } });
      await log.append(draft());
      expect(await log.append(first)).toEqual({ position: 2, duplicate: false });
      await log.append(draft());
      expect(await log.append({ ...first, data: { try: 2 } })).toEqual({ position: 2, duplicate: true });
      expect(await log.head()).toBe(3);
      expect((await log.read({ after: 1, limit: 1 })).events[0]?.data).toEqual({ try: 1 });
    }));

  test('the same id appended many times at once is one event', () =>
    withLog(make, async (log) => {
      const one = draft();
      const results = await Promise.all(range(1, 50).map(() => log.append(one)));
      expect(new Set(results.map((result) => result.position))).toEqual(new Set([1]));
      expect(results.filter((result) => !result.duplicate)).toHaveLength(1);
      expect(await log.head()).toBe(1);
    }));

  test('an expectation is about the last event of the same segment and subject, not of the log', () =>
    withLog(make, async (log) => {
      const unit = { segment: 'tenant_a.things', subject: 'thing/1' };
      await log.append(draft(unit), { expectedPosition: 0 });
      await log.append(draft({ ...unit, subject: 'thing/2' }), { expectedPosition: 0 });
      await log.append(draft({ ...unit, segment: 'tenant_b.things' }), { expectedPosition: 0 });
      const fourth = await log.append(draft(unit), { expectedPosition: 1 });
      expect(fourth.position).toBe(4);
      expect(await codeOf(log.append(draft(unit), { expectedPosition: 3 }))).toBe('position_conflict');
      expect(await codeOf(log.append(draft(unit), { expectedPosition: 0 }))).toBe('position_conflict');
      expect(await codeOf(log.append(draft(unit), { expectedPosition: 99 }))).toBe('position_conflict');
      expect(await log.head()).toBe(4);
    }));

  test('another type on the same unit counts as its last event', () =>
    withLog(make, async (log) => {
      await log.append(draft({ type: 'thing_made' }));
      expect(await codeOf(log.append(draft(), { expectedPosition: 0 }))).toBe('position_conflict');
      expect((await log.append(draft(), { expectedPosition: 1 })).position).toBe(2);
    }));

  test('the id is looked at before the expectation: a retry is not a conflict', () =>
    withLog(make, async (log) => {
      const created = draft();
      await log.append(created, { expectedPosition: 0 });
      await log.append(draft());
      expect(await log.append(created, { expectedPosition: 0 })).toEqual({ position: 1, duplicate: true });
    }));

  test('of many writers with one expectation exactly one wins, and the losers leave no gap', () =>
    withLog(make, async (log) => {
      const outcomes = await Promise.allSettled(
        range(1, 40).map(() => log.append(draft(), { expectedPosition: 0 })),
      );
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
      const others = await Promise.all(range(1, 10).map((n) => log.append(draft({ subject: `other/${n}` }))));
      expect(others.map((result) => result.position).sort((a, b) => a - b)).toEqual(range(2, 11));
    }));

  test('a refused append among accepted ones of the same moment takes no position', () =>
    withLog(make, async (log) => {
      const outcomes = await Promise.allSettled(
        range(1, 60).map((n) =>
          n % 3 === 0
            ? log.append(draft({ subject: `thing/${n}` }), { expectedPosition: 7 })
            : log.append(draft({ subject: `thing/${n}` })),
        ),
      );
      const positions = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value.position] : [],
      );
      expect(positions.sort((a, b) => a - b)).toEqual(range(1, 40));
      expect(await log.head()).toBe(40);
    }));

  test('a conflict says what stands there and what was expected, and what to do', () =>
    withLog(make, async (log) => {
      await log.append(draft({ subject: 'app/1' }));
      const error = await log.append(draft({ subject: 'app/1' }), { expectedPosition: 0 }).catch((e) => e);
      expect(error).toMatchObject({ code: 'position_conflict', status: 409 });
      expect(error.message).toMatch(/app\/1 .*position 1, expected was 0/);
      expect(error.hint).toMatch(/Read what happened/);
    }));

  test('an envelope of 64 KiB is kept, a larger one is refused', () =>
    withLog(make, async (log) => {
      const empty = draft({ data: { text: '' } });
      const around = Buffer.byteLength(
        JSON.stringify({ ...empty, specversion: '1.0', position: Number.MAX_SAFE_INTEGER }),
      );
      const room = MAX_ENVELOPE_BYTES - around;
      const fits = { ...empty, data: { text: 'a'.repeat(room) } };
      expect((await log.append(fits)).position).toBe(1);
      expect((await log.read({})).events[0]?.data).toEqual(fits.data);
      const over = log.append(draft({ data: { text: 'a'.repeat(room + 1) } }));
      await expect(over).rejects.toMatchObject({ code: 'envelope_too_large', status: 413 });
      const characters = log.append(draft({ data: { text: '☃'.repeat(room / 2) } })); // 3 bytes each
      await expect(characters).rejects.toMatchObject({ code: 'envelope_too_large' });
      expect(await log.head()).toBe(1);
    }));

  test('a malformed envelope is refused, naming the attribute', () =>
    withLog(make, async (log) => {
      const wrong: [string, object][] = [
        ['id', { id: 'not-a-uuid' }],
        ['segment', { segment: 'Tenant.apps' }],
        ['segment', { segment: 'tenant_*.apps' }],
        ['segment', { segment: 'a..b' }],
        ['subject', { subject: '' }],
        ['subject', { subject: 'two\nlines' }],
        ['type', { type: 'two words' }],
        ['time', { time: 'yesterday' }],
        ['dataschema', { dataschema: 'tabbify:other_type/1' }],
        ['actor', { actor: 'somebody' }],
        ['tenant', { tenant: 'Not A Slug' }],
        ['data', { data: [1] }],
        ['data', { data: null }],
        ['position', { position: 7 }],
        ['source', { source: undefined }],
      ];
      for (const [attribute, change] of wrong) {
        const error = await log.append({ ...draft(), ...change } as never).catch((e) => e);
        expect(error, attribute).toMatchObject({ code: 'envelope_invalid', status: 400 });
        expect(error.message).toContain(attribute);
        expect(error.hint).toBeTruthy();
      }
      expect(await log.head()).toBe(0);
    }));
}
