import { build } from 'esbuild';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type * as declared from '../index.d.ts';
import * as sdk from './index.ts';
import { openTestAppApi, type TestAppApi } from './testing/app-api.ts';

const { kv, sql, KvConflict, TabbifyError } = sdk;

let api: TestAppApi;
beforeEach(async () => {
  api = await openTestAppApi();
  process.env.TABBIFY_API_URL = api.url;
});
afterEach(async () => {
  delete process.env.TABBIFY_API_URL;
  await api[Symbol.asyncDispose]();
});

/** Everything that an iterable gives. */
async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of from) items.push(item);
  return items;
}

/** What a promise rejects with. */
const failureOf = (promise: PromiseLike<unknown>): Promise<sdk.TabbifyError> =>
  Promise.resolve(promise).then(
    (value) => expect.unreachable(`it resolved to ${JSON.stringify(value)}`),
    (error) => error,
  );

it('is what it declares', () => {
  expectTypeOf<typeof sdk>().toExtend<typeof declared>();
  expectTypeOf<typeof declared>().toExtend<typeof sdk>();
});

it('bundles to a few kilobytes, and what an app does not use stays out', async () => {
  const sizeOf = async (contents: string) => {
    const stdin = { contents, resolveDir: import.meta.dirname };
    const result = await build({ stdin, bundle: true, minify: true, format: 'esm', write: false });
    return result.outputFiles[0]!.contents.length;
  };
  const both = await sizeOf(`export * from './index.ts'`);
  expect(both).toBeLessThan(8 * 1024);
  expect(await sizeOf(`export { sql } from './index.ts'`)).toBeLessThan(both * 0.75);
});

describe('kv', () => {
  it('keeps texts, bytes and JSON as what they are', async () => {
    const first = await kv.put('a/ü ?#%', 'text');
    expect(await kv.get('a/ü ?#%')).toMatchObject({
      key: 'a/ü ?#%',
      revision: first,
      contentType: 'text/plain; charset=utf-8',
    });
    expect(await kv.text('a/ü ?#%')).toBe('text');
    await kv.put('b', Uint8Array.of(0, 255, 10));
    expect(await kv.bytes('b')).toEqual(Uint8Array.of(0, 255, 10));
    await kv.put('c', { n: [1, null] });
    expect(await kv.json('c')).toEqual({ n: [1, null] });
    expect((await kv.get('c'))?.contentType).toBe('application/json');
    await kv.put('d', '<p>', { contentType: 'text/html' });
    expect((await kv.get('d'))?.contentType).toBe('text/html');
    expect(await kv.get('nothing')).toBeNull();
    expect(await kv.json('nothing')).toBeNull();
    await kv.delete('d');
    await kv.delete('d');
    expect(await kv.text('d')).toBeNull();
  });

  it('tells who was slower from who has failed', async () => {
    const revision = await kv.put('a', '1', { ifAbsent: true });
    const second = await kv.put('a', '2', { ifRevision: revision });
    const late = (await failureOf(kv.put('a', '3', { ifRevision: revision }))) as sdk.KvConflict;
    expect(late).toBeInstanceOf(KvConflict);
    expect(late).toMatchObject({ code: 'kv_conflict', status: 412, key: 'a', revision: second });
    expect(await failureOf(kv.put('a', '3', { ifAbsent: true }))).toBeInstanceOf(KvConflict);
    expect(await failureOf(kv.delete('a', { ifRevision: revision }))).toBeInstanceOf(KvConflict);
    expect(await failureOf(kv.put('b', '3', { ifRevision: revision }))).toMatchObject({ revision: null });
    expect(await kv.text('a')).toBe('2');
  });

  it('lists over pages, in order, and asks for no more than is read', async () => {
    const keys = Array.from({ length: 230 }, (_, index) => `n/${String(index).padStart(3, '0')}`);
    for (const key of keys) await kv.put(key, key);
    await kv.put('other', 'x');
    const listed = await all(kv.list({ prefix: 'n/' }));
    expect(listed.map(({ key }) => key)).toEqual(keys);
    expect(api.asked.filter((line) => line === 'GET /v1/kv')).toHaveLength(3);
    const some = await all(kv.list({ prefix: 'n/', limit: 120, values: true }));
    expect(some).toHaveLength(120);
    expect(new TextDecoder().decode(some[119]?.bytes)).toBe('n/119');
    for await (const { key, size } of kv.list()) {
      expect([key, size]).toEqual(['n/000', 5]);
      break;
    }
    expect(api.asked.filter((line) => line === 'GET /v1/kv')).toHaveLength(5);
    expect(await all(kv.list({ limit: 0 }))).toEqual([]);
    const first = await kv.page({ prefix: 'n/', limit: 200 });
    const second = await kv.page({ prefix: 'n/', limit: 200, cursor: first.next });
    expect([...first.entries, ...second.entries].map(({ key }) => key)).toEqual(keys);
    expect(second.next).toBeNull();
  });

  it('updates what many change at once without losing any, and gives up when it is never the first', async () => {
    const add = () => kv.update<number>('count', (count) => (count ?? 0) + 1, { tries: 60 });
    await Promise.all(Array.from({ length: 12 }, add));
    expect(await kv.json('count')).toBe(12);
    expect(await kv.update<number>('count', () => undefined)).toBe(12);
    let tries = 0;
    const always = kv.update<number>(
      'count',
      async (count) => {
        tries++;
        await kv.put('count', (count ?? 0) + 1); // somebody who is always quicker
        return -1;
      },
      { tries: 3 },
    );
    expect(await failureOf(always)).toBeInstanceOf(KvConflict);
    expect([tries, await kv.json('count')]).toEqual([3, 15]);
  });

  it.each(['', '.', '..', '\ud800'])('refuses the key %o before anything is sent', async (key) => {
    expect(await failureOf(kv.put(key, 'x'))).toMatchObject({ code: 'kv_key_invalid' });
    expect(api.asked).toEqual([]);
  });

  it('refuses what JSON does not know', async () => {
    expect(await failureOf(kv.put('a', (() => 1) as never))).toMatchObject({ code: 'kv_value_invalid' });
    expect(api.asked).toEqual([]);
  });
});

describe('sql', () => {
  it('gives rows of a statement, its first row, and what it changed', async () => {
    await sql`create table guests (id integer primary key, name text)`;
    const name = `Robert'); drop table guests; --`;
    const made = await sql.run`insert into guests (name) values (${name})`;
    expect(made).toEqual({ rows: [], changes: 1, lastInsertRowid: 1 });
    const rows = await sql<{ id: number; name: string }>`select * from guests where name = ${name}`;
    expectTypeOf(rows).toEqualTypeOf<{ id: number; name: string }[]>();
    expect(rows).toEqual([{ id: 1, name }]);
    expect(await sql.first`select count(*) as n from guests`).toEqual({ n: 1 });
    expect(await sql.first`select 1 where 0`).toBeNull();
    expect(await sql.raw('select :a as a', { a: 5 })).toEqual([{ a: 5 }]);
    expect(await sql.raw('select ? as a', ['x'])).toEqual([{ a: 'x' }]);
  });

  it('brings every value back as what it was', async () => {
    const value = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.string(),
      fc.uint8Array(),
      fc.integer(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const come = fc.asyncProperty(value, async (given) => {
      const back = (await sql.first<{ v: declared.SqlValue }>`select ${given} as v`)?.v;
      const small = typeof given === 'bigint' && Number.isSafeInteger(Number(given));
      expect(back).toEqual(small ? Number(given) : Object.is(given, -0) ? 0 : given);
    });
    await fc.assert(come, { numRuns: 60 });
    expect(await sql.first`select ${true} as yes, ${false} as no`).toEqual({ yes: 1, no: 0 });
  });

  it('does all of a batch or nothing of it', async () => {
    await sql`create table t (v integer unique)`;
    const add = (v: number) => sql`insert into t values (${v})`;
    const [one, , all] = await sql.batch([add(1), add(2), sql<{ n: number }>`select count(*) as n from t`]);
    expectTypeOf(all.rows).toEqualTypeOf<{ n: number }[]>();
    expect([one.changes, all.rows]).toEqual([1, [{ n: 2 }]]);
    expect(await failureOf(sql.batch([add(3), add(1)]))).toMatchObject({
      code: 'sql_error',
      status: 400,
      what: expect.stringContaining('UNIQUE'),
    });
    expect(await sql.first`select count(*) as n from t`).toEqual({ n: 2 });
    expect(await sql.batch([])).toEqual([]);
  });

  it('runs a statement only when it is awaited', async () => {
    const statement = sql`select 1 as one`;
    expect(api.asked).toEqual([]);
    expect(await statement).toEqual([{ one: 1 }]);
  });

  it.each([
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
    [new Date(0), 'a Date'],
    [{ a: 1 }, 'a Object'],
  ])('refuses the parameter %o and says what to give instead', async (value, named) => {
    const error = await failureOf(sql`select ${'fine'}, ${value as never}`);
    expect(error).toMatchObject({ code: 'sql_parameter_invalid', hint: expect.stringContaining('bigint') });
    expect(error.what).toContain(`Parameter 2 is ${named}`);
    expect(api.asked).toEqual([]);
  });
});

describe('what the platform refuses', () => {
  it('is an error with its code, its words and what to do', async () => {
    const hint = 'Add to tabbify.toml:\n[runtime]\nstateful = true';
    api.refuse(1, 409, { code: 'not_stateful', detail: 'This app keeps no data', hint });
    const error = await failureOf(kv.put('a', 'b'));
    expect(error).toBeInstanceOf(TabbifyError);
    expect(error).toMatchObject({ code: 'not_stateful', status: 409, what: 'This app keeps no data', hint });
    expect(error.message).toContain('stateful = true');
    api.refuse(1, 502, {});
    expect(await failureOf(kv.get('a'))).toMatchObject({ code: 'app_api_answer', status: 502 });
  });

  it('is asked again where it is a read, and said where it is a write that may have happened', async () => {
    await kv.put('a', 'b');
    const away = [503, { code: 'data_starting', detail: 'Starting' }, { 'retry-after': '0' }] as const;
    api.refuse(2, ...away);
    expect(await kv.text('a')).toBe('b');
    api.refuse(1, ...away);
    expect(await failureOf(kv.put('a', 'c'))).toMatchObject({ code: 'data_starting', retryAfterSec: 0 });
    api.refuse(99, ...away);
    expect(await failureOf(kv.get('a'))).toMatchObject({ code: 'data_starting', status: 503 });
  });

  it('is said in plain words where nothing answers at all', async () => {
    process.env.TABBIFY_API_URL = 'http://127.0.0.1:1';
    expect(await failureOf(kv.get('a'))).toMatchObject({
      code: 'app_api_unreachable',
      status: 0,
      hint: expect.stringContaining('TABBIFY_API_URL'),
    });
  });
});
