import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type Condition, type KeyRequest, type KeyValue, openKeyValue } from './key-value.ts';

const folder = mkdtempSync(join(tmpdir(), 'kv-'));
let number = 0;
const stores: KeyValue[] = [];
afterAll(() => {
  for (const each of stores) each.close();
  rmSync(folder, { recursive: true, force: true });
});

function newStore(): KeyValue {
  const store = openKeyValue(join(folder, `${number++}.db`));
  stores.push(store);
  return store;
}

const put = (key: string, value: string, condition: Condition = null): KeyRequest => ({
  ...{ op: 'put', key, contentType: 'text/plain', condition },
  value: Buffer.from(value),
});
const MAX_PAGES = 4096;

test('a store does what a map would, in order of bytes, with revisions that only grow', () => {
  const key = fc.string({
    minLength: 1,
    maxLength: 4,
    unit: fc.constantFrom('a', 'b', 'é', '\u{1f600}', '\0', '%', '_'),
  });
  const step = fc.record({ key, value: fc.string({ maxLength: 3 }), deletes: fc.boolean(), prefix: key });
  fc.assert(
    fc.property(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 12 }), (groups) => {
      const store = newStore();
      const model = new Map<string, string>();
      let last = 0;
      for (const group of groups) {
        const replies = store.run(
          group.map(({ key, value, deletes }) =>
            deletes ? { op: 'delete', key, condition: null } : put(key, value),
          ),
          MAX_PAGES,
        );
        for (const [index, { key, value, deletes }] of group.entries()) {
          if (deletes) model.delete(key);
          else model.set(key, value);
          const reply = replies[index];
          if (reply?.kind !== 'written') continue;
          expect(Number(reply.revision)).toBeGreaterThan(last);
          last = Number(reply.revision);
        }
        const prefix = group[0]?.prefix ?? '';
        const wanted = [...model.keys()]
          .filter((each) => each.startsWith(prefix))
          .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
        expect(listAll(store, prefix)).toEqual(wanted.map((each) => [each, model.get(each)]));
      }
    }),
    { numRuns: 10 },
  );
});

/** Page by page. */
function listAll(store: KeyValue, prefix: string): unknown[] {
  const found: unknown[] = [];
  let after: string | null = null;
  do {
    const [reply] = store.run([{ op: 'list', prefix, after, limit: 2, values: true }], MAX_PAGES);
    if (reply?.kind !== 'page') throw new Error('no page');
    for (const { key, value } of reply.page.entries)
      found.push([key, Buffer.from(value ?? '', 'base64').toString()]);
    after = reply.page.last;
  } while (after !== null);
  return found;
}

test('a condition that does not hold changes nothing and tells the revision there is', () => {
  const store = newStore();
  const run = (request: KeyRequest) => store.run([request], MAX_PAGES)[0];
  expect(run(put('a', '1', 'present'))).toEqual({ kind: 'conflict', revision: null });
  expect(run(put('a', '1', 'absent'))).toEqual({ kind: 'written', revision: '1' });
  expect(run(put('a', '2', 'absent'))).toEqual({ kind: 'conflict', revision: '1' });
  expect(run(put('a', '2', { revision: '7' }))).toEqual({ kind: 'conflict', revision: '1' });
  expect(run({ op: 'delete', key: 'a', condition: { revision: '7' } })).toMatchObject({ kind: 'conflict' });
  expect(run(put('a', '2', { revision: '1' }))).toEqual({ kind: 'written', revision: '2' });
  expect(run({ op: 'delete', key: 'a', condition: { revision: '2' } })).toEqual({ kind: 'deleted' });
  // A key that was deleted and made anew is not taken for the one before.
  expect(run(put('a', '3'))).toEqual({ kind: 'written', revision: '4' });
});

test('one that finds no room does not keep the others of its transaction from being written', () => {
  const store = newStore();
  const large = 'x'.repeat(200_000);
  const replies = store.run([put('a', 'small'), put('b', large), put('c', 'small')], 40);
  expect(replies.map(({ kind }) => kind)).toEqual(['written', 'refused', 'written']);
  expect(replies[1]).toMatchObject({ error: { code: 'quota_exceeded' } });
});

test('a file is open once', () => {
  const path = join(folder, 'twice.db');
  stores.push(openKeyValue(path));
  expect(() => openKeyValue(path)).toThrow('locked');
});
