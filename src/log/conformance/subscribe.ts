import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { EventFilter } from '../log-store.ts';
import { codeOf, draft, type MakeLog, positionsOf, range, take, withLog } from './harness.ts';

/** Cursors with a live tail (DESIGN, decision 7). */
export function subscribeCases(make: MakeLog): void {
  test('a subscription from the middle gives the rest, then what is appended', () =>
    withLog(make, async (log) => {
      await Promise.all(range(1, 20).map(() => log.append(draft())));
      const stop = new AbortController();
      const taken = take(log.subscribe({ after: 10 }, stop.signal), 20, stop);
      for (const n of range(21, 30)) await log.append(draft({ data: { n } }));
      expect(positionsOf(await taken)).toEqual(range(11, 30));
    }));

  test('a subscription to an empty log waits for its first event', () =>
    withLog(make, async (log) => {
      const stop = new AbortController();
      const taken = take(log.subscribe({ after: 0 }, stop.signal), 1, stop);
      await log.append(draft({ data: { hello: 1 } }));
      expect((await taken)[0]).toMatchObject({ position: 1, data: { hello: 1 } });
    }));

  test('a cursor beyond the head waits for what comes after it', () =>
    withLog(make, async (log) => {
      const stop = new AbortController();
      const taken = take(log.subscribe({ after: 3 }, stop.signal), 2, stop);
      for (const _ of range(1, 5)) await log.append(draft());
      expect(positionsOf(await taken)).toEqual([4, 5]);
    }));

  test('no wake-up is lost while events are appended from many sides', () =>
    withLog(make, async (log) => {
      const total = 600;
      const stops = range(1, 4).map(() => new AbortController());
      const subscriptions = stops.map((stop, n) =>
        take(log.subscribe({ after: n * 50 }, stop.signal), total - n * 50, stop),
      );
      let appended = 0;
      const writer = async () => {
        while (appended < total) {
          appended++;
          await log.append(draft());
        }
      };
      await Promise.all(range(1, 8).map(writer));
      for (const [n, subscription] of subscriptions.entries()) {
        expect(positionsOf(await subscription)).toEqual(range(n * 50 + 1, total));
      }
    }));

  test('one event at a time, each awaited, arrives', () =>
    withLog(make, async (log) => {
      const stop = new AbortController();
      const events = log.subscribe({ after: 0 }, stop.signal)[Symbol.asyncIterator]();
      for (const n of range(1, 40)) {
        const [next] = await Promise.all([events.next(), log.append(draft())]);
        expect(next.value?.position).toBe(n);
      }
      stop.abort();
      expect((await events.next()).done).toBe(true);
    }));

  test('what is delivered live is what a page gives, whatever the caller does with its draft afterwards', () =>
    withLog(make, async (log) => {
      const stop = new AbortController();
      const taken = take(log.subscribe({ after: 0 }, stop.signal), 3, stop);
      const data = {
        text: 'naïve ☃ 𝄞 \u0000 \u2028',
        list: [-0, { deep: [null, true, 1e21] }],
        gone: undefined,
      };
      const given = { ...draft({ actor: 'user:owner', class: 'traffic' }), data: data as never };
      const appended = log.append(given);
      data.text = 'changed';
      await appended;
      await log.append(draft({ data: { when: new Date(0) } as never, causationid: 'cause' }));
      await log.append(draft({ data: { n: 3 } }));
      expect(await taken).toEqual((await log.read({})).events);
    }));

  test('every filter delivers live what a page with it holds', () =>
    withLog(make, async (log) => {
      const filters: EventFilter[] = [
        {},
        { segments: ['tenant_*.apps'] },
        { types: ['said'] },
        { subject: 'app/1' },
        { subject: 'app/1', types: ['said'] },
        { actor: 'user:anna' },
        { tenants: ['b'] },
        { class: 'traffic' },
        { class: 'office', subject: 'app/1' },
      ];
      const stop = new AbortController();
      const taken = filters.map(() => [] as number[]);
      const following = filters.map(async (filter, index) => {
        for await (const event of log.subscribe({ after: 0, ...filter }, stop.signal)) {
          taken[index]?.push(event.position);
        }
      });
      for (const n of range(1, 48)) {
        const tenant = n % 2 ? 'a' : 'b';
        await log.append(
          draft({
            tenant,
            segment: `tenant_${tenant}.${n % 3 ? 'apps' : 'chat'}`,
            type: n % 4 ? 'said' : 'made',
            subject: `app/${n % 3}`,
            actor: n % 5 ? 'system' : 'user:anna',
            ...(n % 7 === 0 && { class: 'traffic' as const }),
          }),
        );
      }
      for (const [index, filter] of filters.entries()) {
        const wanted = positionsOf((await log.read({ ...filter, limit: 1000 })).events);
        expect(wanted.length).toBeGreaterThan(0);
        const deadline = performance.now() + 10_000;
        while ((taken[index]?.length ?? 0) < wanted.length && performance.now() < deadline) {
          await new Promise(setImmediate);
        }
        expect(taken[index], JSON.stringify(filter)).toEqual(wanted);
      }
      stop.abort();
      await Promise.all(following);
    }));

  test('a filtered subscription is woken by what it asked for and by nothing else', () =>
    withLog(make, async (log) => {
      const stop = new AbortController();
      const filter = { segments: ['platform.hosts.*'], types: ['wanted'], subject: 'app/1' };
      const taken = take(log.subscribe({ after: 0, ...filter }, stop.signal), 3, stop);
      for (const n of range(1, 60)) {
        const wanted = n % 20 === 0;
        await log.append(
          draft({
            segment: wanted || n % 3 ? 'platform.hosts.one' : 'tenant_a.apps',
            type: wanted || n % 5 ? 'wanted' : 'other',
            subject: wanted ? 'app/1' : 'app/2',
          }),
        );
      }
      expect(positionsOf(await taken)).toEqual([20, 40, 60]);
    }));

  test('a slow consumer misses nothing and holds up neither writers nor other readers', () =>
    withLog(make, async (log) => {
      const total = 1500;
      const text = 'x'.repeat(2000);
      const slowStop = new AbortController();
      const slow = log.subscribe({ after: 0 }, slowStop.signal)[Symbol.asyncIterator]();
      const first = slow.next();
      const fastStop = new AbortController();
      const fast = take(log.subscribe({ after: 0 }, fastStop.signal), total, fastStop);
      await Promise.all(range(1, total).map(() => log.append(draft({ data: { text } }))));
      expect(positionsOf(await fast)).toEqual(range(1, total)); // while the slow one has taken one event
      expect((await first).value?.position).toBe(1);
      for (const n of range(2, total)) expect((await slow.next()).value?.position).toBe(n);
      slowStop.abort();
      expect((await slow.next()).done).toBe(true);
    }));

  test('aborting ends a waiting subscription and frees what it held', () =>
    withLog(make, async (log) => {
      await log.append(draft());
      const stop = new AbortController();
      const events = log.subscribe({ after: 0 }, stop.signal)[Symbol.asyncIterator]();
      expect((await events.next()).value?.position).toBe(1);
      const waiting = events.next();
      stop.abort();
      expect((await waiting).done).toBe(true);
      expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
      expect((await log.append(draft())).position).toBe(2);
    }));

  test('a signal that has aborted before gives nothing', () =>
    withLog(make, async (log) => {
      await log.append(draft());
      const taken: unknown[] = [];
      for await (const event of log.subscribe({ after: 0 }, AbortSignal.abort())) taken.push(event);
      expect(taken).toEqual([]);
    }));

  test('leaving the loop ends the subscription', () =>
    withLog(make, async (log) => {
      await log.append(draft());
      const stop = new AbortController();
      for await (const event of log.subscribe({ after: 0 }, stop.signal)) {
        expect(event.position).toBe(1);
        break;
      }
      expect(getEventListeners(stop.signal, 'abort')).toHaveLength(0);
    }));

  test('closing the log ends a waiting subscription with log_unavailable', () =>
    withLog(make, async (log) => {
      const events = log.subscribe({ after: 0 }, new AbortController().signal)[Symbol.asyncIterator]();
      const waiting = codeOf(events.next());
      await log.head();
      await log.close();
      expect(await waiting).toBe('log_unavailable');
    }));
}
