import { expect, test } from 'vitest';
import { type EventDraft, type JsonObject, MAX_ENVELOPE_BYTES } from '../envelope.ts';
import type { AppendOptions } from '../log-store.ts';
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

  test('exactly 64 KiB of envelope are kept and one byte more is refused, in text of any script', () =>
    withLog(make, async (log) => {
      const empty = draft({ data: { text: '' } });
      const around = Buffer.byteLength(
        JSON.stringify({ ...empty, specversion: '1.0', position: Number.MAX_SAFE_INTEGER }),
      );
      const room = MAX_ENVELOPE_BYTES - around;
      for (const character of ['a', 'é', '☃', '𝄞']) {
        const size = Buffer.byteLength(character);
        const most = character.repeat(Math.floor(room / size)) + 'b'.repeat(room % size);
        const fits = { ...empty, id: crypto.randomUUID(), data: { text: most } };
        const { position } = await log.append(fits);
        expect((await log.read({ after: position - 1 })).events[0]?.data).toEqual(fits.data);
        const over = log.append(draft({ data: { text: `${most}b` } }));
        await expect(over).rejects.toMatchObject({ code: 'envelope_too_large', status: 413 });
      }
      // What JSON must escape counts as it is written.
      const escaped = '\u0001'.repeat(Math.floor(room / 6) + 1);
      expect(await codeOf(log.append(draft({ data: { text: escaped } })))).toBe('envelope_too_large');
      expect(await log.head()).toBe(4);
    }));

  test('the class comes back as it was given', () =>
    withLog(make, async (log) => {
      const given = draft({ class: 'traffic' });
      await log.append(given);
      expect((await log.read({})).events).toEqual([{ ...given, specversion: '1.0', position: 1 }]);
    }));

  test('a known id is the same event under another unit, expectation or content', () =>
    withLog(make, async (log) => {
      const first = draft({ data: { n: 1 } });
      await log.append(draft({ subject: 'before' }));
      await log.append(first);
      const others: [Partial<EventDraft>, AppendOptions][] = [
        [{ subject: 'thing/other' }, {}],
        [{ segment: 'tenant_default.others' }, { expectedPosition: 0 }],
        [{ tenant: 'other', actor: 'user:somebody' }, { expectedPosition: 99 }],
        [{ type: 'other_thing', dataschema: 'tabbify:other_thing/3', data: { n: 2 } }, {}],
        [{ class: 'traffic' }, { expectedPosition: 2 }],
      ];
      for (const [change, options] of others) {
        expect(await log.append({ ...first, ...change }, options)).toEqual({ position: 2, duplicate: true });
      }
      expect(await log.head()).toBe(2);
      expect((await log.read({ after: 1 })).events[0]?.data).toEqual({ n: 1 });
      // What was only a repetition has begun no unit.
      expect((await log.append(draft({ subject: 'thing/other' }), { expectedPosition: 0 })).position).toBe(3);
    }));

  test('a refusal changes nothing: neither the head, nor the unit, nor the id', () =>
    withLog(make, async (log) => {
      await log.append(draft());
      const refused = draft();
      const before = await log.read({});
      expect(await codeOf(log.append(refused, { expectedPosition: 7 }))).toBe('position_conflict');
      expect(await codeOf(log.append({ ...refused, data: { text: 'a'.repeat(70_000) } }))).toBe(
        'envelope_too_large',
      );
      expect(await codeOf(log.append({ ...refused, segment: 'A' }))).toBe('envelope_invalid');
      expect(await codeOf(log.append({ ...refused, dataref: `sha256:${'0'.repeat(64)}` }))).toBe(
        'blob_missing',
      );
      expect(await log.read({})).toEqual(before);
      expect(await log.append(refused, { expectedPosition: 1 })).toEqual({ position: 2, duplicate: false });
    }));

  test('a malformed or too large envelope is refused as such even under a known id', () =>
    withLog(make, async (log) => {
      const known = draft();
      await log.append(known);
      expect(await codeOf(log.append({ ...known, segment: 'A' }))).toBe('envelope_invalid');
      expect(await codeOf(log.append({ ...known, data: { text: 'a'.repeat(70_000) } }))).toBe(
        'envelope_too_large',
      );
      expect(await log.append(known)).toEqual({ position: 1, duplicate: true });
    }));

  test('the same subject in many segments is as many units, each with an expectation of its own', () =>
    withLog(make, async (log) => {
      const segments = range(1, 20).map((n) => `tenant_default.s${n}`);
      const first = await Promise.all(
        segments.map((segment) => log.append(draft({ segment }), { expectedPosition: 0 })),
      );
      const second = await Promise.all(
        segments.map((segment, index) =>
          log.append(draft({ segment }), { expectedPosition: first[index]?.position ?? -1 }),
        ),
      );
      expect(second.map((result) => result.position).sort((a, b) => a - b)).toEqual(range(21, 40));
    }));

  test('writers that each build on the last event they saw make one line of events, whoever wins', () =>
    withLog(make, async (log) => {
      const won: number[] = [];
      const writer = async () => {
        for (let done = 0; done < 5; ) {
          const last =
            (await log.read({ subject: 'line', order: 'newest', limit: 1 })).events[0]?.position ?? 0;
          try {
            const event = draft({ subject: 'line', data: { after: last } });
            won.push((await log.append(event, { expectedPosition: last })).position);
            done++;
          } catch (error) {
            expect(error).toMatchObject({ code: 'position_conflict' });
          }
        }
      };
      await Promise.all(range(1, 6).map(writer));
      const { events } = await log.read({ subject: 'line' });
      expect(events).toHaveLength(30);
      expect(positionsOf(events)).toEqual(won.sort((a, b) => a - b));
      let last = 0;
      for (const { data, position } of events) {
        expect(data.after).toBe(last);
        last = position;
      }
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
        ['dataschema', { dataschema: `tabbify:${draft().type}/what is not sealed/1` }],
        ['data', { data: nested(101) }],
        ['data', { data: nested(3_000) }],
        ['actor', { actor: 'somebody' }],
        ['tenant', { tenant: 'Not A Slug' }],
        ['data', { data: [1] }],
        ['data', { data: null }],
        ['position', { position: 7 }],
        ['erased', { erased: `sha256:${'0'.repeat(64)}` }],
        ['class', { class: 'office' }],
        ['dataref', { dataref: 'sha256:short' }],
        ['causationid', { causationid: undefined }],
        ['source', { source: undefined }],
      ];
      for (const [attribute, change] of wrong) {
        const error = await log.append({ ...draft(), ...change } as never).catch((e) => e);
        expect(error, attribute).toMatchObject({ code: 'envelope_invalid', status: 400 });
        expect(error.message).toContain(attribute);
        expect(error.hint).toBeTruthy();
      }
      expect(await log.head()).toBe(0);
      expect((await log.append({ ...draft(), data: nested(100) })).position).toBe(1);
    }));
}

/** Data of so many levels, with room for more than the least text of them. */
function nested(levels: number): JsonObject {
  let data: JsonObject = { text: 'x'.repeat(300) };
  for (let level = 1; level < levels; level++) data = { data };
  return data;
}
