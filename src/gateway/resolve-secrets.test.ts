import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newId, silentLogger } from '../kit/index.ts';
import { openSecretStore } from '../secrets/index.ts';
import { type Gateway, startGateway } from './start-gateway.ts';

const APP = '0191e7c2-1111-7222-8333-444455556666';
const VALUE = 'Qp7-resolved-value-1xR';
const placed = {
  ...{ supervisor: 'local', actor: 'supervisor:local', office: 'default', app: APP },
  ...{
    version: 3,
    generation: 4,
    environment: 'production',
    secrets: ['key', 'tls', 'absent', 'platform/model'],
  },
};

let home = '';
let node: Server;
/** What the node was asked, and what it answers. */
let asked: unknown[] = [];
let says: { status: number; body: object };
let shown: string[] = [];
let gateway: Gateway;
let now = Date.now();

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tabbify-resolve-'));
  [asked, shown, says, now] = [[], [], { status: 200, body: placed }, Date.now()];
  const store = await openSecretStore({ home });
  const put = (name: string, kind: string, value: string | Buffer, tenant = 'default') =>
    store.register({ tenant, name, actor: 'user:owner', requestId: null }, kind, Buffer.from(value));
  await put('key', 'api-key', VALUE);
  await put('tls', 'file', Buffer.from([0xff, 0, 0x51]));
  await put('other', 'token', 'of nobody here');
  await put('platform/model', 'api-key', 'of the machine');
  await put('key', 'api-key', 'of acme', 'acme');
  await store.close();
  node = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    asked.push([request.method, request.url, JSON.parse(text)]);
    shown.push(request.headers.authorization ?? '');
    response.writeHead(says.status, { 'content-type': 'application/json' }).end(JSON.stringify(says.body));
  });
  node.listen(0, '127.0.0.1');
  await once(node, 'listening');
  gateway = await open();
});
afterEach(async () => {
  await gateway.close();
  node.closeAllConnections();
  node.close();
  await rm(home, { recursive: true, force: true });
});

const open = () =>
  startGateway({
    home,
    bind: { host: '127.0.0.1', port: 0 },
    nodeUrl: `http://127.0.0.1:${(node.address() as AddressInfo).port}`,
    logger: silentLogger(),
    clock: { now: () => now },
  });
async function resolve(change: object = {}) {
  const question = { tenant: 'default', app_uuid: APP, spawn_id: newId(), names: ['key'], ...change };
  const response = await fetch(`${gateway.url}/secrets/resolve`, {
    method: 'POST',
    headers: { authorization: 'Bearer of the supervisor', 'content-type': 'application/json' },
    body: JSON.stringify(question),
  });
  const text = await response.text();
  return { status: response.status, text, json: JSON.parse(text), headers: response.headers };
}
const audit = () =>
  readFileSync(join(home, 'secrets/audit.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ action }) => action === 'revealed' || action === 'refused')
    .map(({ action, tenant, name, version, actor, purpose }) => ({
      action,
      tenant,
      name,
      version,
      actor,
      purpose,
    }));

test('values go out in base64 with their kinds, once, to nobody’s memory, and are written down', async () => {
  const spawn_id = newId();
  const answer = await resolve({ spawn_id, generation: 4, names: ['key', 'tls', 'absent'] });
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(answer.json).toEqual({
    secrets: { key: Buffer.from(VALUE).toString('base64'), tls: '/wBR' },
    kinds: { key: 'api-key', tls: 'file' },
    missing: ['absent'],
  });
  expect(asked).toEqual([['POST', '/v1/spawns', { app: APP, spawn_id, generation: 4 }]]);
  expect(shown).toEqual(['Bearer of the supervisor']);
  const purpose = `start of app ${APP}, version 3, generation 4, spawn ${spawn_id}`;
  const line = { action: 'revealed', tenant: 'default', actor: 'supervisor:local', purpose };
  expect(audit()).toEqual([
    { ...line, name: 'key', version: 1 },
    { ...line, name: 'tls', version: 1 },
    { ...line, name: 'absent', version: 0 },
  ]);
});

test('a spawn id is good once, however many send it at once, and whoever restarts in between', async () => {
  const spawn_id = newId();
  const both = await Promise.all([resolve({ spawn_id }), resolve({ spawn_id })]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  await gateway.close();
  gateway = await open();
  const again = await resolve({ spawn_id });
  expect([again.status, again.json.code]).toEqual([409, 'spawn_used']);
  expect(again.text).not.toContain('secrets":');
  expect(audit()).toHaveLength(1);
});

test('a spawn id that was refused is used up too', async () => {
  const spawn_id = newId();
  expect((await resolve({ spawn_id, names: ['other'] })).status).toBe(403);
  expect((await resolve({ spawn_id })).json.code).toBe('spawn_used');
});

test('a spawn id that is older than a minute, of the future or none is refused', async () => {
  const spawn_id = newId();
  now += 61_000;
  expect((await resolve({ spawn_id })).json).toMatchObject({ status: 409, code: 'spawn_outdated' });
  now -= 125_000;
  expect((await resolve({ spawn_id: newId() })).json.code).toBe('spawn_outdated');
  now += 64_000;
  expect((await resolve({ spawn_id: '7d444840-9dc0-41d1-b245-5ffdce74fad2' })).json.code).toBe(
    'spawn_outdated',
  );
  expect((await resolve({ spawn_id: 'one' })).json.code).toBe('request_invalid');
  expect(audit()).toEqual([]);
});

test.each([
  ['a name that the app does not declare', { names: ['key', 'other'] }, 'other'],
  ['a name of the platform, even a declared one', { names: ['platform/model'] }, 'platform/model'],
  ['another office', { tenant: 'acme' }, 'acme'],
])('%s gets nothing at all, and that is written down', async (_, change, named) => {
  const refused = await resolve(change);
  expect([refused.status, refused.json.code]).toEqual([403, 'secret_not_granted']);
  expect(refused.json.detail).toContain(named);
  expect(refused.text).not.toContain(Buffer.from(VALUE).toString('base64').slice(0, 12));
  const lines = audit();
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines)
    expect(line).toMatchObject({ action: 'refused', tenant: 'default', actor: 'supervisor:local' });
});

test('what the node says of the one who asks is passed on, and nothing is opened or written', async () => {
  for (const [status, code] of [
    [401, 'credential_missing'],
    [403, 'not_allowed'],
    [403, 'spawn_refused'],
    [409, 'spawn_used'],
  ] as const) {
    says = { status, body: { title: 't', status, detail: 'd', hint: 'h', code } };
    expect((await resolve()).json).toMatchObject({ status, code });
  }
  says = { status: 200, body: {} };
  expect((await resolve()).json).toMatchObject({ status: 503, code: 'node_away' });
  expect(audit()).toEqual([]);
});

test('what cannot be read is refused before anybody is asked', async () => {
  for (const change of [
    { names: [] },
    { names: ['a/b'] },
    { names: 'key' },
    { names: ['../key'] },
    { app_uuid: 'x' },
    { tenant: 1 },
    { generation: 'x' },
    { names: Array.from({ length: 257 }, (_, n) => `n${n}`) },
  ])
    expect((await resolve(change)).json).toMatchObject({ status: 400, code: 'request_invalid' });
  expect(asked).toEqual([]);
});

test('a supervisor in a loop is held up, and let on when time has passed', async () => {
  const codes = new Map<number, number>();
  for (let n = 0; n < 310; n++) {
    const { status } = await resolve({ names: ['absent'] });
    codes.set(status, (codes.get(status) ?? 0) + 1);
  }
  expect([...codes]).toEqual([
    [200, 300],
    [429, 10],
  ]);
  now += 1_000;
  expect((await resolve()).status).toBe(200);
});

test('what cannot be written down is not given out', async () => {
  await gateway.close();
  const file = join(home, 'secrets/audit.jsonl');
  await rename(file, `${file}.whole`);
  await symlink('/dev/full', file);
  gateway = await open();
  for (const names of [['key'], ['absent'], ['other']]) {
    const answer = await resolve({ names });
    expect([answer.status, answer.json.code]).toEqual([503, 'audit_unwritable']);
    expect(answer.json.secrets).toBeUndefined();
  }
});
