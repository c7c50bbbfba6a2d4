import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { codeOf, draft, positionsOf, take } from '../conformance/harness.ts';
import {
  type EventDraft,
  type Gap,
  type JsonObject,
  MAX_ENVELOPE_BYTES,
  openSqliteLog,
  type StoredEvent,
} from '../index.ts';
import { temporaryDirectory } from '../testing/media.ts';
import { openKeyring } from './keyring.ts';
import { type SealedLog, sealedLog } from './sealed-log.ts';

const NAME = 'default/integration/7';
const CANARY = 'canary-3b9f0c1e';

let directory: { readonly path: string; readonly dispose: () => Promise<void> };
let log: SealedLog;
beforeEach(async () => {
  directory = await temporaryDirectory();
  log = await open();
});
afterEach(async () => {
  await log.close();
  await directory.dispose();
});

async function open(home = directory.path): Promise<SealedLog> {
  const kept = await openSqliteLog({ file: join(home, 'log.db') });
  return sealedLog(kept, await openKeyring(join(home, 'keys')));
}

const inbound = (data: JsonObject, change: Partial<EventDraft> = {}): EventDraft =>
  draft({ subject: 'integration/7', class: 'traffic', data, ...change });
const append = (data: JsonObject, change: Partial<EventDraft> = {}) =>
  log.append(inbound(data, change), { sealUnder: NAME });

/** Every file of the home whose bytes hold the text as it is. */
async function filesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory.path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    if ((await readFile(file)).includes(text)) found.push(file);
  }
  return found;
}

test('a sealed body reads as it was appended, and no file holds it in plaintext', async () => {
  const data = { text: CANARY, deep: [{ naïve: '☃ 𝄞 \u0000' }] };
  const given = inbound(data);
  await log.append(given, { sealUnder: NAME });
  const stored = { ...given, specversion: '1.0', position: 1, sealedby: `${NAME}#1` };
  expect((await log.read({})).events).toEqual([stored]);
  const stop = new AbortController();
  expect(await take(log.subscribe({ after: 0 }, stop.signal), 1, stop)).toEqual([stored]);
  expect(await filesWith(CANARY)).toEqual([]);
  expect(await filesWith('integration/7')).not.toEqual([]); // the search does find what is there

  await log.close();
  log = await open();
  expect((await log.read({})).events).toEqual([stored]);
  expect(await filesWith(CANARY)).toEqual([]);
});

test('what is not sealed is stored and read as before', async () => {
  const given = draft({ data: { text: CANARY } });
  await log.append(given);
  expect((await log.read({})).events).toEqual([{ ...given, specversion: '1.0', position: 1 }]);
  expect(await filesWith(CANARY)).not.toEqual([]);
});

test('any body comes back as JSON has it', () =>
  fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (object) => {
      const data = JSON.parse(JSON.stringify(object)) as JsonObject;
      const { position } = await append(data);
      expect((await log.read({ after: position - 1, limit: 1 })).events[0]?.data).toEqual(data);
    }),
    { numRuns: 60 },
  ));

test('with the key destroyed the body is gone at once, and the digest is the one its tombstone gets', async () => {
  await append({ text: CANARY });
  await append({ text: 'other' }, { subject: 'integration/8' });
  await log.append(draft({ data: { n: 3 } }));
  expect(log.livingKeys(NAME)).toBe(1);
  expect(await log.destroyKey(NAME)).toBe(1);
  expect(await log.destroyKey(NAME)).toBe(0);
  expect(log.livingKeys(NAME)).toBe(0);

  const [first, second, third] = (await log.read({})).events;
  expect(first).toMatchObject({ position: 1, data: {}, sealedby: `${NAME}#1` });
  expect(first?.erased).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(second).toMatchObject({ position: 2, data: {} });
  expect(third?.data).toEqual({ n: 3 });

  await log.erase({ subject: 'integration/7' });
  const [tombstone] = (await log.read({})).events;
  expect(tombstone).toEqual(first);
});

test('a body that a subscriber holds open already is not handed out again after its key is gone', async () => {
  const stop = new AbortController();
  const events = log.subscribe({ after: 0 }, stop.signal)[Symbol.asyncIterator]();
  const waiting = events.next();
  await append({ text: CANARY });
  expect((await waiting).value.data).toEqual({ text: CANARY });
  await log.destroyKey(NAME);
  await log.append(draft());
  const late = await take(log.subscribe({ after: 0 }, stop.signal), 1, stop);
  expect(positionsOf(late)).toEqual([2]);
});

test('a new body under a destroyed name gets a new generation, and the old ones never come back', async () => {
  await append({ n: 1 });
  await cp(directory.path, `${directory.path}-copy`, { recursive: true });
  try {
    await log.destroyKey(NAME);
    await append({ n: 2 });
    const [first, second] = (await log.read({})).events;
    expect(first).toMatchObject({ data: {}, sealedby: `${NAME}#1` });
    expect(second).toMatchObject({ data: { n: 2 }, sealedby: `${NAME}#2` });
    // the keys of an older copy put back beside the log
    await log.close();
    await cp(join(`${directory.path}-copy`, 'keys'), join(directory.path, 'keys'), { recursive: true });
    log = await open();
    expect((await log.read({})).events.map((event) => event.data)).toEqual([{}, { n: 2 }]);
  } finally {
    const { rm } = await import('node:fs/promises');
    await rm(`${directory.path}-copy`, { recursive: true });
  }
});

test('a subscription passes over what was erased by its key, and says so before the next event', async () => {
  await append({ n: 1 });
  await append({ n: 2 });
  await log.append(draft({ data: { n: 3 } }));
  await append({ n: 4 });
  await log.destroyKey(NAME);
  await append({ n: 5 });
  const heard: (Gap | number)[] = [];
  const stop = new AbortController();
  const query = { after: 0, onGap: (gap: Gap) => heard.push(gap) };
  for await (const event of log.subscribe(query, stop.signal)) {
    heard.push(event.position);
    if (event.position === 5) break;
  }
  expect(heard).toEqual([
    { kind: 'erased', count: 2, through: 2 },
    3,
    { kind: 'erased', count: 1, through: 4 },
    5,
  ]);
  expect(positionsOf(await take(log.subscribe({ after: 0 }, stop.signal), 2, new AbortController()))).toEqual(
    [3, 5],
  );
});

test('a lost or damaged key is damage, not erasure: the position is named and the rest is read', async () => {
  await append({ n: 1 });
  await log.append(draft({ data: { n: 2 } }));
  await log.close();
  const [file = ''] = await readdir(join(directory.path, 'keys'));
  const path = join(directory.path, 'keys', file);
  const whole = await readFile(path, 'utf8');
  await writeFile(
    path,
    whole.replace(/"key":"(.)/, (_, one) => `"key":"${one === 'A' ? 'B' : 'A'}`),
  );
  log = await open();

  const page = await log.read({});
  expect(positionsOf(page.events)).toEqual([2]);
  expect(page.damaged).toEqual([1]);
  const signal = new AbortController().signal;
  const first = log.subscribe({ after: 0 }, signal)[Symbol.asyncIterator]().next();
  expect(await codeOf(first)).toBe('event_damaged');
  const gaps: Gap[] = [];
  const stop = new AbortController();
  const told = log.subscribe({ after: 0, onGap: (gap) => gaps.push(gap) }, stop.signal);
  expect(positionsOf(await take(told, 1, stop))).toEqual([2]);
  expect(gaps).toEqual([{ kind: 'damaged', positions: [1] }]);
  expect(await codeOf(append({ n: 3 }))).toBe('log_unavailable');

  await writeFile(path, whole); // put back from a backup, without a restart
  expect((await log.read({})).events.map((event) => event.data)).toEqual([{ n: 1 }, { n: 2 }]);
  expect((await append({ n: 3 })).position).toBe(3);
});

test('a body cannot be moved to another event, nor an event to another subject, segment, type or office', async () => {
  await append({ text: CANARY });
  await append({ text: 'second' });
  const raw: StoredEvent[] = [];
  await log.close();
  const kept = await openSqliteLog({ file: join(directory.path, 'log.db') });
  raw.push(...(await kept.read({})).events);
  const [first, second] = raw as [StoredEvent, StoredEvent];
  const moved: StoredEvent[] = [
    { ...second, data: first.data },
    { ...first, id: second.id },
    { ...first, type: 'thing_other' },
    { ...first, subject: 'integration/8' },
    { ...first, segment: 'tenant_other.things' },
    { ...first, tenant: 'other' },
    { ...first, sealedby: `${NAME}#2` },
    { ...first, data: { ...first.data, box: `AAAA${String(first.data.box).slice(4)}` } },
    { ...first, data: {} },
  ];
  const planted = sealedLog(
    {
      ...kept,
      read: async () => ({ events: [first, ...moved], next: null, head: 9, damaged: [] }),
    },
    await openKeyring(join(directory.path, 'keys')),
  );
  const page = await planted.read({});
  expect(page.events.map((event) => event.data)).toEqual([{ text: CANARY }]);
  expect(page.damaged).toHaveLength(moved.length);
  await kept.close();
  log = await open();
});

test('duplicates answer as always, also after the key was destroyed', async () => {
  const given = inbound({ n: 1 });
  expect(await log.append(given, { sealUnder: NAME })).toEqual({ position: 1, duplicate: false });
  expect(await log.append(given, { sealUnder: NAME })).toEqual({ position: 1, duplicate: true });
  await log.destroyKey(NAME);
  expect(await log.append(given, { sealUnder: NAME })).toEqual({ position: 1, duplicate: true });
  const expecting = { sealUnder: NAME, expectedPosition: 7 };
  expect(await codeOf(log.append(inbound({ n: 2 }), expecting))).toBe('position_conflict');
});

test('the size that counts is the stored one, and the refusal says so', async () => {
  const refused = await append({ text: 'x'.repeat(50_000) }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'envelope_too_large', status: 413 });
  expect(String(refused)).toMatch(/sealed.*a third more room.*bytes/);
  expect((await append({ text: 'x'.repeat(47_000) })).position).toBe(1);
  expect(await codeOf(append({ text: 'x'.repeat(MAX_ENVELOPE_BYTES) }))).toBe('envelope_too_large');
});

test('who appends cannot say what is sealed, and what no store takes makes no key', async () => {
  expect(await codeOf(log.append(draft({ sealedby: `${NAME}#1` })))).toBe('envelope_invalid');
  expect(await codeOf(append({}, { segment: 'Not.one' }))).toBe('envelope_invalid');
  expect(await readdir(join(directory.path, 'keys'))).toEqual([]);
});

test('many bodies under many keys at once are each sealed under theirs', async () => {
  const names = Array.from({ length: 20 }, (_, n) => `default/integration/${n}`);
  await Promise.all(
    names.flatMap((name) =>
      [1, 2, 3].map((n) => log.append(inbound({ name, n }, { subject: name }), { sealUnder: name })),
    ),
  );
  await log.destroyKey(names[4]!);
  const { events } = await log.read({ limit: 1000 });
  expect(events).toHaveLength(60);
  for (const event of events) {
    if (event.subject === names[4]) expect(event.data).toEqual({});
    else expect(event.data.name).toBe(event.subject);
  }
  expect(await readdir(join(directory.path, 'keys'))).toHaveLength(20);
});

test('a sealed blob opens while its key lives', async () => {
  const bytes = Buffer.from(`${CANARY} `.repeat(100));
  const ref = await log.putSealedBlob('default', bytes, 'text/plain', NAME);
  await append({ body: { ...ref } }, { dataref: ref.digest });
  expect(Buffer.from(await log.readSealedBlob('default', ref.digest))).toEqual(bytes);
  expect(await filesWith(CANARY)).toEqual([]);
  await log.destroyKey(NAME);
  expect(await codeOf(log.readSealedBlob('default', ref.digest))).toBe('blob_missing');
  const plain = await log.putBlob('default', bytes, 'text/plain');
  expect(await codeOf(log.readSealedBlob('default', plain.digest))).toBe('blob_damaged');
});
