import { afterEach, beforeEach, expect, test } from 'vitest';
import { httpEndpoint } from '../../kit/index.ts';
import type { EdgePlace } from './app-directory.ts';
import { createUpstreams, type Upstreams } from './upstreams.ts';

const APP = 'app';
let now = 0;
let known: EdgePlace[];
let away: Set<string>;
let asked: string[];
let upstreams: Upstreams;
beforeEach(() => {
  now = 1_000;
  known = ['one', 'two'].map((name) => ({ name, awake: true }));
  away = new Set();
  asked = [];
  const places = {
    of: () => known,
    nowhere: () => new Error('nowhere'),
    async wake(_app: string, place: string) {
      asked.push(place);
      if (away.has(place)) throw new Error(`${place} is away`);
      return { endpoint: httpEndpoint(`${place}.test`, 1), runnerKey: '', generation: 1 };
    },
  };
  upstreams = createUpstreams(places, () => now);
});
afterEach(() => upstreams.close());

/** Lets what was asked beside the requests be answered. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const next = () => upstreams.current(APP)?.place;
const both = () => [next(), next()].sort();

test('a host that is away is asked again after five seconds, beside the requests, and joins when it is back', async () => {
  away.add('one');
  expect((await upstreams.acquire(APP)).place).toBe('two');
  await settled();
  now += 4_999;
  expect(both()).toEqual(['two', 'two']);
  expect(asked).toEqual(['one', 'two']);
  now += 1;
  expect(both()).toEqual(['two', 'two']); // asked once, not by each request
  await settled();
  expect(asked).toEqual(['one', 'two', 'one']);
  away.clear();
  now += 4_999;
  next();
  await settled();
  expect(asked).toHaveLength(3);
  now += 1;
  next();
  await settled();
  expect(both()).toEqual(['one', 'two']);
  now += 60_000;
  next();
  await settled();
  expect(asked).toHaveLength(4); // none is missing: nobody is asked
});

test('where nothing listened is passed over; where a connection broke is asked at once', async () => {
  await upstreams.acquire(APP);
  await settled();
  const [first, second] = [upstreams.current(APP)!, upstreams.current(APP)!];
  upstreams.suspect(APP, first, true);
  expect(both()).toEqual([second.place, second.place]);
  await settled();
  expect(asked).toHaveLength(2);
  now += 5_000;
  next();
  await settled();
  expect(both()).toEqual(['one', 'two']);
  upstreams.suspect(APP, second, false);
  expect(next()).toBe(first.place);
  await settled();
  expect(asked.slice(3)).toEqual([second.place]);
  expect(both()).toEqual(['one', 'two']);
  expect(upstreams.current(APP)?.pool.destroyed).toBe(false);
});

test('an app that moved is asked for everywhere again, also where it was passed over', async () => {
  away.add('one');
  await upstreams.acquire(APP);
  await settled();
  away.clear();
  upstreams.invalidate(APP);
  expect(next()).toBeUndefined();
  await upstreams.acquire(APP);
  await settled();
  expect(both()).toEqual(['one', 'two']);
});

test('one that sleeps is not woken because another was passed over for a while', async () => {
  known = [known[0]!, { name: 'two', awake: false }];
  await upstreams.acquire(APP);
  now += 60_000;
  next();
  await settled();
  expect(asked).toEqual(['one']);
  const first = upstreams.current(APP)!;
  upstreams.suspect(APP, first, true);
  expect((await upstreams.acquire(APP)).place).toBe('two');
});

test('connections to a host that is left are let go once its requests have ended', async () => {
  await upstreams.acquire(APP);
  await settled();
  const kept = new Map([upstreams.current(APP)!, upstreams.current(APP)!].map((each) => [each.place, each]));
  known = [{ name: 'two', awake: true }];
  upstreams.invalidate(APP);
  const upstream = await upstreams.acquire(APP);
  await settled();
  expect(kept.get('one')!.pool.closed).toBe(true);
  expect(upstream.pool).toBe(kept.get('two')!.pool);
  expect(upstreams.places(APP)).toBe(1);
  known = [];
  upstreams.invalidate(APP);
  await expect(upstreams.acquire(APP)).rejects.toThrow('nowhere');
});
