import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKeyring, openSqliteLog, sealedLog } from '../../log/index.ts';
import { type RunningNode, startTestNode } from '../testing/running-node.ts';

const CANARY = 'canary-7d21e4';
const SUBJECT = 'integration/7';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const offer = (data: object, subject = SUBJECT) =>
  node.call('/v1/events', {
    method: 'POST',
    json: { event: { type: 'MessageReceived', segment: 'tenant_default.webhook', subject, data } },
  });
const erase = (json: object, headers: Record<string, string> = {}) =>
  node.call('/v1/events/erase', { method: 'POST', json, headers });
const about = async (subject: string) =>
  (await node.call(`/v1/events?subject=${encodeURIComponent(subject)}`)).json.events;

function goneSince(error: NodeJS.ErrnoException): Buffer {
  if (error.code === 'ENOENT') return Buffer.alloc(0);
  throw error;
}

/** Every file of the home whose bytes hold the text as it is. */
async function filesWith(text: string, home = node.home): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    // a file that is written anew stands beside the one before for a moment
    const bytes = await readFile(file).catch(goneSince);
    if (bytes.includes(text)) found.push(file);
  }
  return found;
}

test('what comes from outside is traffic, sealed under its subject, and stands in no file in plaintext', async () => {
  const { status, json } = await offer({ text: CANARY });
  expect(status).toBe(201);
  const [event] = await about(SUBJECT);
  expect(event).toMatchObject({
    position: json.position,
    class: 'traffic',
    sealedby: `default/${SUBJECT}#1`,
    data: { text: CANARY },
  });
  expect(await filesWith(CANARY)).toEqual([]);
  const office = (await node.events()).find((each) => each.type === 'credential_issued');
  expect(office).toBeDefined();
  expect(office).not.toHaveProperty('sealedby');
});

test('an erased subject is found nowhere any more, and the log says who erased what', async () => {
  for (const n of [1, 2, 3]) await offer({ text: `${CANARY} ${n}` });
  await offer({ text: 'stays' }, 'integration/8');
  const preview = await erase({ subject: SUBJECT, dry_run: true });
  expect(preview.json).toMatchObject({ dry_run: true, events: 3, keys: 1, kept: { events: 0, why: null } });
  expect((await about(SUBJECT)).map((event: { data: object }) => event.data)).toHaveLength(3);
  expect(await node.events(['payload_erased'])).toEqual([]);

  const { status, json } = await erase({ subject: SUBJECT });
  expect(status).toBe(200);
  expect(json).toMatchObject({ subject: SUBJECT, dry_run: false, events: 3, keys: 1, kept: { events: 0 } });
  expect(json.bytes).toBe(preview.json.bytes);
  expect(json.bytes).toBeGreaterThan(3 * CANARY.length);
  const told = await node.events(['payload_erased']);
  expect(told).toMatchObject([
    {
      actor: 'user:owner',
      subject: SUBJECT,
      segment: 'tenant_default.audit',
      data: {
        subject: SUBJECT,
        reason: 'asked',
        events: 3,
        bytes: json.bytes,
        keys: 1,
        through: json.through,
      },
    },
  ]);
  const left = (await about(SUBJECT)).filter((event: { type: string }) => event.type === 'MessageReceived');
  expect(left).toHaveLength(3);
  for (const event of left)
    expect(event).toMatchObject({ data: {}, erased: expect.stringMatching(/^sha256:/) });
  expect((await about('integration/8'))[0].data).toEqual({ text: 'stays' });
  expect(await filesWith(CANARY)).toEqual([]);
  await node.restart();
  expect(await filesWith(CANARY)).toEqual([]);
});

test('an erased subject stays erased in a copy of the log that was made before', async () => {
  await offer({ text: CANARY });
  const copy = `${node.home}-copy`;
  try {
    // Without the lock, and without what the node keeps beside the log: files come and go there meanwhile.
    const filter = (file: string) => !/\.lock$|^projections/.test(basename(file));
    await cp(node.home, copy, { recursive: true, filter });
    await rm(join(copy, 'keys'), { recursive: true });
    await erase({ subject: SUBJECT });
    await cp(join(node.home, 'keys'), join(copy, 'keys'), { recursive: true });
    const kept = await openSqliteLog({ file: join(copy, 'log.db') });
    const log = sealedLog(kept, await openKeyring(join(copy, 'keys')));
    const { events, damaged } = await log.read({ subject: SUBJECT });
    await log.close();
    expect(events).toMatchObject([{ data: {}, erased: expect.any(String) }]);
    expect(damaged).toEqual([]);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});

test('erasing again erases what came since, and a repeat under one key is answered as the first was', async () => {
  await offer({ n: 1 });
  const first = await erase({ subject: SUBJECT }, { 'idempotency-key': 'once' });
  await offer({ n: 2 });
  expect((await erase({ subject: SUBJECT }, { 'idempotency-key': 'once' })).json).toEqual(first.json);
  expect((await about(SUBJECT)).at(-1).data).toEqual({ n: 2 });
  expect((await erase({ subject: SUBJECT })).json).toMatchObject({ events: 1, keys: 1 });
  expect((await erase({ subject: SUBJECT })).json).toMatchObject({ events: 0, bytes: 0, keys: 0 });
  expect(await node.events(['payload_erased'])).toHaveLength(3);
  const kinds = (await about(SUBJECT)).map((event: { sealedby?: string }) => event.sealedby);
  expect(kinds.filter(Boolean)).toEqual([`default/${SUBJECT}#1`, `default/${SUBJECT}#2`]);
});

test('killed between its steps it has promised nothing, and asked again it erases the rest', async () => {
  await node.close();
  let fail = true;
  node = await startTestNode({
    between: (log) => ({
      ...log,
      async erase(query) {
        if (fail && query.subject === SUBJECT) throw new Error('killed here');
        return log.erase(query);
      },
    }),
  });
  for (const n of [1, 2]) await offer({ text: `${CANARY} ${n}` });
  expect((await erase({ subject: SUBJECT })).status).toBe(500);
  expect(await node.events(['payload_erased'])).toEqual([]);
  expect((await about(SUBJECT)).map((event: { data: object }) => event.data)).toEqual([{}, {}]); // the key went first
  fail = false;
  await node.restart();
  expect((await erase({ subject: SUBJECT })).json).toMatchObject({ events: 2, keys: 0 });
  expect(await node.events(['payload_erased'])).toHaveLength(1);
});

test('events that the office is made of stay, and the answer says how many', async () => {
  const [issued] = await node.events(['credential_issued']);
  const subject = String(issued?.subject);
  const { json } = await erase({ subject });
  expect(json).toMatchObject({
    events: 0,
    keys: 0,
    kept: { events: 1, why: expect.stringContaining('office') },
  });
  expect((await about(subject))[0].data.name).toBe('owner');
});

test('only who administers the office erases, and only its own', async () => {
  await offer({ text: CANARY });
  const viewer = await node.call('/v1/tokens', { method: 'POST', json: { name: 'anna', role: 'developer' } });
  const asViewer = await node.call('/v1/events/erase', {
    method: 'POST',
    json: { subject: SUBJECT },
    token: viewer.json.token,
  });
  expect(asViewer.status).toBe(403);
  await node.call('/v1/offices', { method: 'POST', json: { slug: 'other', name: 'Other' } });
  const elsewhere = await erase({ subject: SUBJECT }, { 'tabbify-office': 'other' });
  expect(elsewhere.json).toMatchObject({ events: 0, keys: 0 });
  expect((await about(SUBJECT))[0].data).toEqual({ text: CANARY });
  for (const json of [{}, { subject: '' }, { subject: 'two\nlines' }, { subject: 'x'.repeat(513) }]) {
    expect((await erase(json)).status, JSON.stringify(json)).toBe(400);
  }
  const long = 'x'.repeat(512);
  expect((await offer({ n: 1 }, long)).status).toBe(201);
  expect((await erase({ subject: long })).json).toMatchObject({ events: 1, keys: 1 });
});
