import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { derivedId } from '../kit/index.ts';
import { canonicalJson, desiredFor, domainEvent, foldEvents, stateDocument } from '../state/index.ts';
import { manifest, OTHER, TINY } from './testing/apps.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue, openOffice } from './testing/tokens.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const push = (uuid: string, name: string) =>
  node.push(uuid, { 'tabbify.toml': manifest(uuid, name), 'main.ts': 'export default {}' });
const stateAt = async (at: number | null, token?: string) => {
  const answer = await node.call(
    `/v1/state${at === null ? '' : `?at=${at}`}`,
    token === undefined ? {} : { token },
  );
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return answer.text;
};
const positions = async () => {
  const names = await readdir(join(node.home, 'snapshots')).catch(() => []);
  return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
};
const snapshotFile = (position: number) => join(node.home, 'snapshots', `${position}.snapshot`);

test('the office is told as it was at every position, byte by byte what a fold of the log gives', async () => {
  await push(TINY, 'tiny');
  await place(OTHER, 'other');
  const events = await node.events();
  const head = events.length;
  for (const at of [0, 1, head - 2, head]) {
    const folded = foldEvents(events.slice(0, at));
    expect(await stateAt(at)).toBe(canonicalJson(stateDocument(folded, 'default')));
  }
  expect(await stateAt(null)).toBe(await stateAt(head));
  const boss = await openOffice(node, 'bakers');
  const theirs = JSON.parse(await stateAt(null, boss));
  expect([theirs.apps, theirs.deployments]).toEqual([[], []]);
  expect(JSON.stringify(theirs)).not.toContain(TINY);
});

test('a position that is none is refused, and so is who may not read', async () => {
  const head = (await node.events()).length;
  for (const at of [String(head + 1), '-1', '1.5', 'x', '']) {
    const answer = await node.call(`/v1/state?at=${at}`);
    expect([at, answer.status, answer.json.code]).toEqual([at, 400, 'request_invalid']);
  }
  const agent = await issue(node, { name: 'helper', kind: 'agent', role: 'viewer' });
  expect((await node.call('/v1/state', { token: agent.token })).status).toBe(200);
  await push(TINY, 'tiny');
  const app = await issue(node, { name: TINY, kind: 'app', scopes: ['events:append:tenant_default.notes'] });
  expect((await node.call('/v1/state', { token: app.token })).status).toBe(403);
});

test('a node that is closed leaves a snapshot, and the next begins with it and holds the same', async () => {
  await push(TINY, 'tiny');
  const before = await stateAt(null);
  await node.restart();
  const [position] = await positions();
  expect(position).toBe(JSON.parse(before).position);
  expect(await stateAt(null)).toBe(before);
  await node.restart({ prepare: (home) => rm(join(home, 'snapshots'), { recursive: true }) });
  expect(await stateAt(null)).toBe(before);
});

test.each([
  ['is cut off', (bytes: Buffer): Uint8Array => bytes.subarray(0, bytes.length / 2)],
  [
    'was changed',
    (bytes: Buffer) => Buffer.from(bytes.map((byte, at) => (at === bytes.length - 9 ? byte ^ 1 : byte))),
  ],
  ['is empty', () => Buffer.alloc(0)],
  [
    'other code wrote',
    (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(/"code":"./, '"code":"x'), 'latin1'),
  ],
  [
    'is of another log',
    (bytes: Buffer): Uint8Array =>
      Buffer.concat([Buffer.from(derivedId(TINY, 'another event')), bytes.subarray(36)]),
  ],
])('a snapshot that %s is thrown away, and the log is folded', async (_what, spoil) => {
  await push(TINY, 'tiny');
  const before = await stateAt(null);
  const head = JSON.parse(before).position;
  await node.restart({
    async prepare() {
      await writeFile(snapshotFile(head), spoil(await readFile(snapshotFile(head))));
    },
  });
  expect(await stateAt(null)).toBe(before);
  expect(await stateAt(head)).toBe(before);
  expect(await positions()).toEqual([]);
});

test('a snapshot beyond the end of a log that was put back to an older copy is thrown away', async () => {
  await push(TINY, 'tiny');
  await node.restart();
  const [position = 0] = await positions();
  await node.restart({
    async prepare() {
      const bytes = await readFile(snapshotFile(position));
      await writeFile(snapshotFile(position + 1000), bytes);
    },
  });
  expect(await positions()).toEqual([position]);
  expect((await node.call(`/v1/apps/${TINY}`)).status).toBe(200);
});

test('a snapshot that cannot be written keeps nobody from anything', async () => {
  await node.restart({
    async prepare(home) {
      await rm(join(home, 'snapshots'), { recursive: true });
      await writeFile(join(home, 'snapshots'), 'a file in the way');
    },
  });
  await push(TINY, 'tiny');
  const before = await stateAt(null);
  await node.restart();
  expect(await stateAt(null)).toBe(before);
});

test('a repeated push is answered as the first was, when a snapshot stands between the two', async () => {
  const once = { headers: { 'idempotency-key': 'push-1' } };
  const files = { 'tabbify.toml': manifest(TINY, 'tiny'), 'main.ts': 'export default {}' };
  const first = await node.push(TINY, files, once);
  await push(TINY, 'tiny');
  await node.restart();
  expect(await positions()).not.toEqual([]);
  const again = await node.push(TINY, files, once);
  expect([again.status, again.json]).toEqual([201, first.json]);
  expect(await node.events(['version_published'])).toHaveLength(2);
});

/** All but what the log, the objects and the keys are. */
const KEPT = /^(log\.db.*|blobs|log\.blobs|objects|keys|node\.key)$/;

test('the log, the objects and the keys are the office: all else is made again from them, byte by byte', async () => {
  const step = fc.constantFrom('push', 'rename', 'place', 'token', 'office', 'emit', 'restart');
  const history = fc.array(step, { minLength: 3, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      await node.close();
      node = await startTestNode();
      for (const [n, each] of steps.entries()) await live(each, n);
      const head = (await node.events()).length;
      const told = async () => ({
        now: await stateAt(head),
        earlier: await stateAt(Math.floor(head / 2)),
        desired: desiredFor(foldEvents(await node.events()), 'local'),
        apps: (await node.call('/v1/apps')).text.replaceAll(/:\d{2,5}\//g, '/'),
        found: await found('bakery'),
        credentials: await found('issued'),
      });
      const before = await told();
      await node.restart();
      expect(await told()).toEqual(before); // from a snapshot
      await node.restart({
        async prepare(home) {
          const others = (await readdir(home)).filter((name) => !KEPT.test(name));
          expect(others).toEqual(expect.arrayContaining(['projections.db', 'snapshots']));
          for (const name of others) await rm(join(home, name), { recursive: true });
        },
      });
      expect(await told()).toEqual(before); // from the log alone
    }),
    { numRuns: 3, endOnFailure: true },
  );
}, 120_000);

async function live(step: string, n: number): Promise<void> {
  const app = n % 2 === 0 ? TINY : OTHER;
  if (step === 'push') await push(app, `Bakery ${app.slice(-2)}`);
  if (step === 'rename') await push(app, `Other bakery ${app.slice(-2)} ${n}`);
  if (step === 'place') await place(app, `bakery-${app.slice(-2)}`);
  if (step === 'token') await issue(node, { name: `reader-${n}`, role: 'viewer' });
  if (step === 'office') await openOffice(node, `office-${n}`);
  if (step === 'restart') await node.restart();
  if (step !== 'emit') return;
  const event = { type: 'order_paid', segment: 'tenant_default.orders', subject: 'bakery/1', data: { n } };
  expect((await node.call('/v1/events', { method: 'POST', json: { event } })).status).toBe(201);
}

/** Places an app whose bytes are nowhere, and waits until the office has found that out or was told by the host. */
async function place(app: string, slug: string): Promise<void> {
  const deployment = await placeApp(node.log, { app, slug });
  const failed = { app, generation: 1, stage: 'fetch', reason: 'its bytes are nowhere', log_tail: [] };
  const host = { actor: 'supervisor:local', source: '/supervisors/local' };
  await node.log.append(domainEvent('assignment_failed', failed, host));
  await vi.waitFor(async () => {
    const { status, json } = await node.call(`/v1/deployments/${deployment}`);
    expect([status, json?.phase]).toEqual(status === 404 ? [404, undefined] : [200, 'failed']);
  }, 15_000);
}

/** Positions and types of what a search finds. */
async function found(q: string): Promise<unknown> {
  return vi.waitFor(async () => {
    const { status, json } = await node.call(`/v1/events?q=${q}&limit=1000`);
    expect(status).toBe(200);
    return json.events.map((event: { position: number; type: string }) => [event.position, event.type]);
  }, 15_000);
}
