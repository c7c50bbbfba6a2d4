import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { domainEvent } from '../state/index.ts';
import { manifest, OTHER, TINY } from './testing/apps.ts';
import { joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue, openOffice } from './testing/tokens.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const push = (uuid: string, name: string) =>
  node.push(uuid, { 'tabbify.toml': manifest(uuid, name), 'main.ts': 'export default {}' });
const search = async (query: string) => {
  const answer = await node.call(`/v1/events?${query}`);
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return answer.json;
};
const types = async (query: string) =>
  (await search(query)).events.map((event: { type: string }) => event.type);

test('events are found by their words, the newest first, and narrowed by every filter', async () => {
  await push(TINY, 'Corner Bakery');
  await push(OTHER, 'Flower Shop');
  expect(await types('q=bakery')).toEqual(['version_published', 'app_registered']);
  expect(await types('q=BAKERY corner&order=oldest')).toEqual(['app_registered', 'version_published']);
  expect(await types('q="corner bakery"')).toHaveLength(2);
  expect(await types('q="corner shop"')).toEqual([]);
  expect(await types('q=publish')).toEqual(['version_published', 'version_published']);
  expect(await types(`q=publish&subject=app/${TINY}`)).toEqual(['version_published']);
  expect(await types('q=bakery&type=app_registered')).toEqual(['app_registered']);
  expect(await types('q=bakery&segment=tenant_*.apps&limit=1')).toEqual(['version_published']);
  expect(await types('q=bakery&segment=tenant_*.members')).toEqual([]);
  expect(await types('q=bakery&type=never_heard_of')).toEqual([]);
  const first = await search('q=bakery&limit=1');
  expect(first.searched_to).toBe(first.head);
  const rest = await search(`q=bakery&limit=1&before=${first.next}`);
  expect(rest.events).toMatchObject([{ type: 'app_registered' }]);
  expect((await search(`q=bakery&before=${rest.events[0].position}`)).next).toBe(null);
});

test('what looks like a language of queries is taken as words', async () => {
  await push(TINY, 'Corner Bakery');
  for (const q of ['bakery OR', 'NOT bakery', 'text:bakery', 'bakery*', '"bakery', 'bakery)', 'keys : k1']) {
    const answer = await node.call(`/v1/events?q=${encodeURIComponent(q)}`);
    expect([q, answer.status]).toEqual([q, 200]);
  }
  for (const q of ['', '***', 'a'.repeat(501)]) {
    const answer = await node.call(`/v1/events?q=${encodeURIComponent(q)}`);
    expect([q, answer.status, answer.json.code]).toEqual([q, 400, 'request_invalid']);
  }
});

test('every office searches its own events, and a host those of its segment', async () => {
  const boss = await openOffice(node, 'bakers');
  await push(TINY, 'Corner Bakery');
  const theirs = await node.call('/v1/events?q=bakery', { token: boss });
  expect([theirs.status, theirs.json.events]).toEqual([200, []]);
  const supervisor = await joinFakeSupervisor(node, (_request, response) => response.end());
  try {
    const hosts = await node.call('/v1/events?q=bakery', { token: supervisor.credential });
    expect([hosts.status, hosts.json.events]).toEqual([200, []]);
    const own = await node.call('/v1/events?q=joined', { token: supervisor.credential });
    expect(own.json.events).toMatchObject([{ type: 'supervisor_joined', segment: 'platform.hosts.local' }]);
    const foreign = '/v1/events?q=bakery&segment=tenant_default.apps';
    expect((await node.call(foreign, { token: supervisor.credential })).status).toBe(403);
  } finally {
    await supervisor.close();
  }
});

test('what is sealed is found by its envelope alone, and what is erased is in no file any more', async () => {
  const emit = (data: object) =>
    node.call('/v1/events', {
      method: 'POST',
      json: { event: { type: 'note_taken', segment: 'tenant_default.notes', subject: 'note/1', data } },
    });
  expect((await emit({ text: 'canaryword of a person' })).status).toBe(201);
  expect(await types('q=note')).toContain('note_taken');
  expect(await types('q=canaryword')).toEqual([]);
  // said by the platform about a host, in the open, and of class traffic: its words are here until they are erased
  const reason = 'canaryreason said it';
  const failed = {
    app: TINY,
    event_position: 1,
    event_type: 'x',
    attempts: 10,
    status: 502,
    reason,
    retry_at: null,
  };
  for (let n = 0; n < 100; n++) {
    const said = { ...failed, event_position: n + 1 };
    await node.log.append(
      domainEvent('delivery_failed', said, { actor: 'supervisor:local', source: '/supervisors/local' }),
    );
  }
  expect((await search('q=canaryreason&limit=1000')).events).toHaveLength(100);
  expect(await bytesHold(node.home, 'canaryreason')).toBe(true);
  const erased = await node.call('/v1/events/erase', { method: 'POST', json: { subject: `app/${TINY}` } });
  expect([erased.status, erased.text]).toEqual([200, expect.stringContaining('100')]);
  expect(await types('q=canaryreason')).toEqual([]);
  expect(await types(`q=erased&type=payload_erased`)).toEqual(['payload_erased']);
  expect(await bytesHold(node.home, 'canaryreason')).toBe(false);
  expect(await bytesHold(node.home, 'canaryreason'.slice(0, 8))).toBe(false); // stems, too
});

test('an app’s dead letters are those whose last word was that they are given up', async () => {
  await push(TINY, 'tiny');
  const say = (type: 'delivery_failed' | 'delivery_succeeded', at: number, more: object = {}) =>
    node.log.append(
      domainEvent(
        type,
        { app: TINY, event_position: at, event_type: 'order_paid', attempts: 3, ...more } as never,
        {
          actor: 'supervisor:local',
          source: '/supervisors/local',
        },
      ),
    );
  const givenUp = { status: null, reason: 'no answer', retry_at: null };
  for (const at of [3, 5, 7]) await say('delivery_failed', at, givenUp);
  await say('delivery_failed', 9, { ...givenUp, retry_at: '2026-11-21T10:00:00Z' });
  await say('delivery_succeeded', 5);
  const first = await node.call(`/v1/apps/${TINY}/dead-letters?limit=1`);
  expect(first.json).toMatchObject({
    dead_letters: [
      { event_position: 7, event_type: 'order_paid', attempts: 3, status: null, reason: 'no answer' },
    ],
    next_cursor: '7',
  });
  const rest = await node.call(`/v1/apps/${TINY}/dead-letters?limit=1&cursor=7`);
  expect(rest.json).toMatchObject({ dead_letters: [{ event_position: 3 }], next_cursor: null });
  expect((await node.call(`/v1/apps/${OTHER}/dead-letters`)).status).toBe(404);
});

test('a rebuild throws the file away, says so in the log, and finds the same again', async () => {
  await push(TINY, 'Corner Bakery');
  const before = await types('q=bakery');
  const asked = await node.call('/v1/projections/rebuild', {
    method: 'POST',
    headers: { 'idempotency-key': 'once' },
  });
  expect([asked.status, asked.json.names]).toEqual([202, ['timeline', 'deliveries']]);
  await again();
  expect(await types('q=bakery')).toEqual(before);
  expect(await node.events(['projections_rebuilt'])).toMatchObject([
    { actor: 'user:owner', data: { names: ['timeline', 'deliveries'] } },
  ]);
  await node.call('/v1/projections/rebuild', { method: 'POST', headers: { 'idempotency-key': 'once' } });
  expect(await node.events(['projections_rebuilt'])).toHaveLength(1);
  const viewer = await issue(node, { name: 'eyes', role: 'viewer' });
  const refused = await node.call('/v1/projections/rebuild', { method: 'POST', token: viewer.token });
  expect(refused.status).toBe(403);
});

test.each(['damaged', 'missing', 'of another log'])(
  'a file that is %s is built anew by itself',
  async (how) => {
    await push(TINY, 'Corner Bakery');
    expect(await types('q=bakery')).toHaveLength(2);
    const file = join(node.home, 'projections.db');
    const spoil = async () => {
      if (how === 'missing') await rm(file);
      if (how === 'damaged') await writeFile(file, Buffer.alloc(100_000, 'not a database '));
      if (how === 'of another log') {
        const db = new DatabaseSync(file);
        db.exec("UPDATE cursors SET position = 9999; UPDATE last_event SET event = 'another'");
        db.close();
      }
    };
    await node.restart({ prepare: spoil });
    await again();
    expect(await types('q=bakery')).toHaveLength(2);
  },
);

test('a file that cannot be written takes the search away and nothing else, and it comes back by itself', async () => {
  await push(TINY, 'Corner Bakery');
  const file = join(node.home, 'projections.db');
  const block = async () => {
    for (const name of await readdir(node.home)) {
      if (name.startsWith('projections.db')) await rm(join(node.home, name));
    }
    await mkdir(join(file, 'in the way'), { recursive: true });
  };
  await node.restart({ prepare: block });
  await vi.waitFor(async () => {
    const away = await node.call('/v1/events?q=bakery');
    expect([away.status, away.json.code]).toEqual([503, 'projection_unavailable']);
    expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(away.json.hint).toContain('by itself');
  }, 10_000);
  expect((await node.call('/v1/events')).status).toBe(200);
  expect((await push(OTHER, 'Flower Shop')).status).toBe(201);
  expect((await node.call('/v1/projections')).json).toMatchObject({ state: 'unavailable' });
  await rm(file, { recursive: true });
  await again();
  expect(await types('q=flower')).toHaveLength(2);
});

/** Waits until the search is back. */
async function again(): Promise<void> {
  await vi.waitFor(async () => expect((await node.call('/v1/events?q=anything')).status).toBe(200), {
    timeout: 15_000,
    interval: 50,
  });
}

/** Do the bytes of the projections' files hold a text? */
async function bytesHold(home: string, text: string): Promise<boolean> {
  for (const name of await readdir(home)) {
    if (!name.startsWith('projections.db')) continue;
    if ((await readFile(join(home, name))).includes(text)) return true;
  }
  return false;
}
