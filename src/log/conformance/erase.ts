import { expect, test } from 'vitest';
import type { EraseQuery, EraseResult, KeptLog } from '../log-store.ts';
import { until } from '../testing/until.ts';
import {
  codeOf,
  draft,
  type MakeKeptLog,
  positionsOf,
  range,
  readAll,
  readPages,
  withLog,
} from './harness.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const START = Date.parse('2026-03-01T00:00:00Z');
const traffic = { class: 'traffic' } as const;
const dayOf = (n: number) => new Date(START + n * DAY_MS).toISOString();

/** Erases step by step until there is no more. */
async function eraseAll(log: KeptLog, query: EraseQuery): Promise<EraseResult[]> {
  const steps: EraseResult[] = [];
  do steps.push(await log.erase(query));
  while (steps.at(-1)?.more);
  return steps;
}

/** Erasure and size of a log on this machine (CONTRACTS §6, "Size and life"). */
export function eraseCases(make: MakeKeptLog): void {
  test('only traffic is erased: a tombstone keeps every attribute, its position and the digest of the body', () =>
    withLog(make, async (log) => {
      await log.append(draft({ data: { office: 1 } }));
      const given = draft({ ...traffic, data: { secret: 'x' }, causationid: 'c', actor: 'user:a' });
      await log.append(given);
      expect(await log.erase({ subject: 'thing/1' })).toEqual({
        erased: 1,
        bytes: expect.any(Number),
        through: 2,
        more: false,
      });
      const [office, stub] = await readAll(log);
      expect(office?.data).toEqual({ office: 1 });
      expect(stub).toEqual({
        ...given,
        data: {},
        specversion: '1.0',
        position: 2,
        erased: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      });
    }));

  test('what was erased is found by every filter that found it before, and its id is still known', () =>
    withLog(make, async (log) => {
      const event = draft({ ...traffic, actor: 'user:a', data: { n: 1 } });
      await log.append(event);
      await log.append(draft({ subject: 'other' }));
      await log.erase({ subject: 'thing/1' });
      for (const filter of [
        { class: 'traffic' },
        { actor: 'user:a' },
        { subject: 'thing/1' },
        { types: ['thing_happened'], before: 2 },
      ] as const) {
        expect(positionsOf(await readPages(log, filter)), JSON.stringify(filter)).toEqual([1]);
      }
      expect(await log.append(event)).toEqual({ position: 1, duplicate: true });
      expect(await codeOf(log.append(draft({ ...traffic }), { expectedPosition: 0 }))).toBe(
        'position_conflict',
      );
    }));

  test('`before` goes by when the log took an event in, `subject` and `tenants` narrow, together they all count', () =>
    withLog(make, async (log, _reopen, medium) => {
      for (const day of range(0, 9)) {
        medium.setClock(START + day * DAY_MS);
        await log.append(draft({ ...traffic, subject: `s/${day % 2}`, tenant: day % 3 === 0 ? 'a' : 'b' }));
      }
      const erased = async () =>
        (await readAll(log)).filter((event) => event.erased).map((event) => event.position - 1);
      await eraseAll(log, { before: dayOf(4), subject: 's/1', tenants: ['b'] });
      expect(await erased()).toEqual([1]);
      await eraseAll(log, { before: dayOf(4), subject: 's/1' });
      expect(await erased()).toEqual([1, 3]);
      await eraseAll(log, { before: dayOf(3), tenants: ['a'] });
      expect(await erased()).toEqual([0, 1, 3]);
      await eraseAll(log, { before: dayOf(6) });
      expect(await erased()).toEqual([0, 1, 2, 3, 4, 5]);
      await eraseAll(log, { before: dayOf(6), tenants: [] });
      await eraseAll(log, { subject: 'nothing' });
      expect(await erased()).toEqual([0, 1, 2, 3, 4, 5]);
      await eraseAll(log, { subject: 's/0' });
      expect(await erased()).toEqual([0, 1, 2, 3, 4, 5, 6, 8]);
    }));

  test('it goes in steps, oldest first, and appends and reads go on in between', () =>
    withLog(make, async (log) => {
      await Promise.all(range(1, 50).map((n) => log.append(draft({ ...traffic, data: { n } }))));
      const steps: EraseResult[] = [];
      let more = true;
      while (more) {
        const step = await log.erase({ subject: 'thing/1', limit: 12 });
        steps.push(step);
        more = step.more;
        const { events } = await log.read({ limit: 1000 });
        const gone = events.filter((event) => event.erased);
        expect(positionsOf(gone)).toEqual(range(1, step.through));
        await log.append(draft({ subject: 'meanwhile' }));
      }
      expect(steps.map(({ erased, through }) => [erased, through])).toEqual([
        [12, 12],
        [12, 24],
        [12, 36],
        [12, 48],
        [2, 50],
      ]);
      expect(await log.erase({ subject: 'thing/1' })).toMatchObject({ erased: 0, bytes: 0, more: false });
    }));

  test('a query that would erase everything by mistake, or makes no sense, is refused', () =>
    withLog(make, async (log) => {
      await log.append(draft(traffic));
      for (const query of [
        {},
        { tenants: ['default'] },
        { before: 'yesterday' },
        { before: dayOf(1), limit: 0 },
        { subject: 'thing/1', limit: 1.5 },
      ]) {
        expect(await codeOf(log.erase(query)), JSON.stringify(query)).toBe('query_invalid');
      }
      expect((await readAll(log))[0]?.erased).toBeUndefined();
    }));

  test('nothing of an erased body stays on the medium, nor of its blob', () =>
    withLog(make, async (log, reopen, medium) => {
      const { digest } = await log.putBlob('default', Buffer.from('canary-in-a-blob'), 'text/plain');
      await log.append(
        draft({ ...traffic, data: { text: `canary-in-a-body${'.'.repeat(9000)}canary-at-the-end` } }),
      );
      await log.append(draft({ ...traffic, dataref: digest, data: { text: 'canary-too' } }));
      await log.append(draft({ subject: 'kept', data: { text: 'kept-text' } }));
      expect((await medium.contents()).includes('canary')).toBe(true);
      const { bytes } = await log.erase({ subject: 'thing/1' });
      expect(bytes).toBeGreaterThan(9000 + 'canary-in-a-blob'.length);
      expect((await medium.contents()).includes('canary')).toBe(false);
      await reopen();
      const contents = await medium.contents();
      expect(contents.includes('canary')).toBe(false);
      expect(contents.includes('kept-text')).toBe(true);
    }));

  test('whoever stops after a step leaves no traces of it either', () =>
    withLog(make, async (log, _reopen, medium) => {
      await log.append(draft({ ...traffic, data: { text: 'canary' } }));
      await log.append(draft({ ...traffic, data: { text: 'kept' } }));
      expect((await log.erase({ subject: 'thing/1', limit: 1 })).more).toBe(true);
      await until(async () => !(await medium.contents()).includes('canary'));
      expect((await medium.contents()).includes('kept')).toBe(true);
    }));

  test('a blob goes with the last event that names it, in its own office only', () =>
    withLog(make, async (log) => {
      const put = (tenant: string) => log.putBlob(tenant, Buffer.from('shared'), 'text/plain');
      const { digest } = await put('default');
      await put('other');
      await log.append(draft({ ...traffic, subject: 'a', dataref: digest }));
      await log.append(draft({ ...traffic, subject: 'b', dataref: digest }));
      await log.append(draft({ ...traffic, subject: 'c', dataref: digest, tenant: 'other' }));
      await log.erase({ subject: 'a' });
      expect((await log.readBlob('default', digest)).byteLength).toBe(6);
      await log.erase({ subject: 'b' });
      expect(await codeOf(log.readBlob('default', digest))).toBe('blob_missing');
      expect((await log.readBlob('other', digest)).byteLength).toBe(6);
    }));

  test('a blob that an office event names too is kept', () =>
    withLog(make, async (log) => {
      const { digest } = await log.putBlob('default', Buffer.from('shared'), 'text/plain');
      await log.append(draft({ subject: 'office', dataref: digest }));
      await log.append(draft({ ...traffic, dataref: digest }));
      await log.erase({ subject: 'thing/1' });
      expect((await log.readBlob('default', digest)).byteLength).toBe(6);
    }));

  test('a subscription passes over what was erased and says how much it was', () =>
    withLog(make, async (log) => {
      for (const n of range(1, 6))
        await log.append(draft({ ...(n % 2 === 0 && traffic), subject: `s/${n}` }));
      await eraseAll(log, { before: '9999-12-31T00:00:00Z' });
      const stop = new AbortController();
      const seen: unknown[] = [];
      const onGap = (gap: unknown) => seen.push(gap);
      for await (const event of log.subscribe({ after: 0, onGap }, stop.signal)) {
        seen.push(event.position);
        if (event.position === 5) break;
      }
      expect(seen).toEqual([
        1,
        { kind: 'erased', count: 1, through: 2 },
        3,
        { kind: 'erased', count: 1, through: 4 },
        5,
      ]);
    }));

  test('usage follows what is appended, erased and stored as blobs, and is the same after opening again', () =>
    withLog(make, async (log, reopen, medium) => {
      expect(await log.usage()).toMatchObject({
        head: 0,
        blobs: 0,
        traffic: { events: 0, bytes: 0, oldest: null },
      });
      for (const day of range(0, 9)) {
        medium.setClock(START + day * DAY_MS);
        await log.append(draft({ ...(day % 2 === 1 && traffic), data: { text: 'x'.repeat(1000) } }));
      }
      const blob = await log.putBlob('default', Buffer.alloc(5000), 'text/plain');
      await log.append(draft({ ...traffic, subject: 'blob', dataref: blob.digest }));
      const full = await log.usage();
      expect(full).toMatchObject({ head: 11, blobs: 5000, traffic: { events: 6, oldest: dayOf(1) } });
      expect(full.traffic.bytes).toBeGreaterThan(5 * 1000);
      expect(full.file).toBeGreaterThan(10_000);
      await eraseAll(log, { before: dayOf(5) });
      const some = await log.usage();
      expect(some.traffic).toMatchObject({ events: 4, oldest: dayOf(5) });
      expect(some.traffic.bytes).toBeLessThan(full.traffic.bytes - 1500);
      await eraseAll(log, { subject: 'blob' });
      expect(await log.usage()).toMatchObject({ blobs: 0, traffic: { events: 3 } });
      const before = (await log.usage()).traffic;
      expect((await (await reopen()).usage()).traffic).toEqual(before);
    }));

  test('room that erasing made is given back or used again', () =>
    withLog(make, async (log) => {
      const text = 'x'.repeat(50_000);
      const fill = () =>
        Promise.all(range(1, 240).map(() => log.append(draft({ ...traffic, data: { text } }))));
      await fill();
      const full = await log.usage();
      await eraseAll(log, { subject: 'thing/1' });
      const erased = await log.usage();
      expect(erased.file - erased.free).toBeLessThan(full.file / 2);
      await fill();
      // on a busy machine much of it is in the write-ahead log as well, which is cut off behind what is erased
      await log.append(draft({ ...traffic, subject: 'thing/2' }));
      await eraseAll(log, { subject: 'thing/2' });
      expect((await log.usage()).file).toBeLessThan(full.file * 1.5);
    }));

  test('a clock that steps back takes nothing for older than what came before it', () =>
    withLog(make, async (log, reopen, medium) => {
      medium.setClock(START + 5 * DAY_MS);
      await log.append(draft(traffic));
      medium.setClock(START);
      await log.append(draft(traffic));
      const again = await reopen();
      await again.append(draft(traffic));
      await eraseAll(again, { before: dayOf(5) });
      expect((await readAll(again)).filter((event) => event.erased)).toEqual([]);
      expect(positionsOf(await readPages(again, { since: dayOf(5) }))).toEqual([1, 2, 3]);
      medium.setClock(START + 6 * DAY_MS);
      await again.append(draft(traffic));
      expect(positionsOf(await readPages(again, { since: dayOf(6) }))).toEqual([4]);
      expect(positionsOf(await readPages(again, { until: dayOf(6), order: 'newest' }))).toEqual([3, 2, 1]);
    }));
}
