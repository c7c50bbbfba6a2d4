import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict';
import test from 'node:test';
import type { Book, Entry } from './book.ts';
import { guestbook } from './guestbook.ts';

/** A book that is gone with the test. */
function memoryBook(): Book & { readonly entries: Entry[] } {
  const entries: Entry[] = [];
  return {
    entries,
    async add(entry) {
      entries.unshift({ id: entries.length + 1, ...entry });
    },
    read: async (before, count) => entries.filter(({ id }) => id < before).slice(0, count),
    count: async () => entries.length,
  };
}

const sign = (app: ReturnType<typeof guestbook>, fields: Record<string, string>) =>
  app.request('/', { method: 'POST', body: new URLSearchParams(fields) });

test('what is signed is on the page, escaped', async () => {
  const book = memoryBook();
  const app = guestbook(book);
  match(await (await app.request('/')).text(), /Nobody has written yet/);
  const signed = await sign(app, { name: ' Ada ', message: '<script>alert(1)</script>' });
  equal(signed.status, 303);
  equal(signed.headers.get('location'), './');
  const text = await (await app.request('/')).text();
  match(text, /&lt;script&gt;alert\(1\)/);
  match(text, /Ada · /);
  match(text, /1 entry so far/);
  doesNotMatch(text, /<script/);
});

test('what is empty, too long or too large is refused and not kept', async () => {
  const book = memoryBook();
  const app = guestbook(book);
  equal((await sign(app, { name: ' ', message: 'x' })).status, 400);
  equal((await sign(app, { name: 'Ada' })).status, 400);
  equal((await sign(app, { name: 'Ada', message: 'x'.repeat(501) })).status, 400);
  equal((await sign(app, { name: 'Ada', message: 'x'.repeat(20_000) })).status, 413);
  deepEqual(book.entries, []);
});

test('older entries are a page away, and each is on one page', async () => {
  const book = memoryBook();
  for (let n = 1; n <= 25; n++)
    await book.add({ name: `Guest-${n}.`, message: 'was here', at: '2026-11-21T12:00:00Z' });
  const app = guestbook(book);
  const seen: string[] = [];
  for (let path: string | undefined = '/'; path !== undefined; ) {
    const text: string = await (await app.request(path)).text();
    seen.push(...(text.match(/Guest-\d+/g) ?? []));
    path = /href="(\?before=\d+)"/.exec(text)?.[1]?.replace('?', '/?');
  }
  deepEqual(
    seen,
    Array.from({ length: 25 }, (_, index) => `Guest-${25 - index}`),
  );
  equal((await app.request('/?before=x')).status, 303);
});
