import { deepEqual, equal, match } from 'node:assert/strict';
import test from 'node:test';
import { readNote } from './note.ts';
import { notesApi } from './notes.ts';

/** A store that is gone with the test. */
function memoryStore(): Parameters<typeof notesApi>[0] {
  const kept = new Map<string, { revision: string; bytes: Uint8Array }>();
  let revision = 0;
  const entryOf = (key: string) => {
    const found = kept.get(key);
    if (found === undefined) return null;
    const text = () => new TextDecoder().decode(found.bytes);
    return { key, contentType: 'application/json', text, json: <T>() => JSON.parse(text()) as T, ...found };
  };
  return {
    get: async (key) => entryOf(key),
    async put(key, value) {
      kept.set(key, { revision: String(++revision), bytes: new TextEncoder().encode(JSON.stringify(value)) });
      return String(revision);
    },
    async delete(key) {
      kept.delete(key);
    },
    async page({ limit = 100, cursor } = {}) {
      const keys = [...kept.keys()].sort().filter((key) => key > (cursor ?? ''));
      const entries = keys.slice(0, limit).flatMap((key) => entryOf(key) ?? []);
      return {
        entries: entries.map((entry) => ({ ...entry, size: entry.bytes.length })),
        next: keys.length > limit ? (keys[limit - 1] ?? null) : null,
      };
    },
  };
}

const send = (method: string, note: unknown, headers = {}) => ({
  ...{ method, body: JSON.stringify(note) },
  headers: { 'content-type': 'application/json', ...headers },
});

test('a note is made, read, changed and removed', async () => {
  const api = notesApi(memoryStore());
  const made = await api.request('/notes', send('POST', { title: 'Milk' }));
  equal(made.status, 201);
  const at = `/${made.headers.get('location')}`;
  const etag = made.headers.get('etag') ?? '';
  equal((await (await api.request(at)).json()).title, 'Milk');
  equal((await api.request(at, { headers: { 'if-none-match': etag } })).status, 304);
  const changed = await api.request(
    at,
    send('PUT', { title: 'Oat milk', text: '2 l' }, { 'if-match': etag }),
  );
  equal(changed.status, 200);
  equal((await (await api.request(at)).json()).text, '2 l');
  equal((await api.request(at, { method: 'DELETE' })).status, 204);
  equal((await api.request(at)).status, 404);
});

test('a change without a revision, or with something else, is refused', async () => {
  const api = notesApi(memoryStore());
  equal((await api.request('/notes/1', send('PUT', { title: 'x' }))).status, 428);
  equal((await api.request('/notes/1', send('PUT', { title: 'x' }, { 'if-match': 'W/1' }))).status, 400);
});

test('what is no note is refused with the reason', async () => {
  const api = notesApi(memoryStore());
  for (const note of [[], {}, { title: ' ' }, { title: 'x', text: 1 }, { title: 'x'.repeat(201) }]) {
    const answer = await api.request('/notes', send('POST', note));
    equal(answer.status, 422);
    equal((await answer.json()).detail, readNote(note));
  }
  equal((await api.request('/notes', { method: 'POST', body: '{' })).status, 422);
  equal((await api.request('/notes', send('POST', { title: 'x', text: 'y'.repeat(70_000) }))).status, 413);
});

test('a list is read page by page', async () => {
  const api = notesApi(memoryStore());
  for (let n = 0; n < 5; n++) await api.request('/notes', send('POST', { title: String(n) }));
  const first = await (await api.request('/notes?limit=3')).json();
  const second = await (await api.request(`/notes?limit=3&cursor=${first.next}`)).json();
  deepEqual([first.notes.length, second.notes.length, second.next], [3, 2, null]);
  equal((await api.request('/notes?limit=x')).status, 400);
});

test('the page shows every call of the document', async () => {
  const api = notesApi(memoryStore());
  const text = await (await api.request('/')).text();
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) match(text, new RegExp(`<b>${method}</b>`));
  equal((await (await api.request('/openapi.json')).json()).openapi, '3.1.0');
});
