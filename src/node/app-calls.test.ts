import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { CALL_HEADER } from '../egress/index.ts';
import { domainEvent } from '../state/index.ts';
import { approve } from './testing/approvals.ts';
import { OTHER, TINY, tinyApp } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { openOffice } from './testing/tokens.ts';

/** Calls the others; it is on the host `local`. */
const CAFE = '0191e7c2-0000-7000-8000-00000000000c';
/** Private, asleep, on the host `far`. */
const SHOP = TINY;
const THIRD = '0191e7c2-0000-7000-8000-00000000000d';
const LINE = 'http:app:shop';

let node: RunningNode;
let local: FakeSupervisor;
let far: FakeSupervisor;
/** What reached any app: `<path> <caller>`, with all headers. */
const heard: { readonly what: string; readonly raw: string }[] = [];
beforeEach(async () => {
  node = await startTestNode({ asksPersons: true });
  heard.length = 0;
  const answer = (asked: IncomingMessage) =>
    heard.push({
      what: `${asked.url} ${asked.headers['tabbify-caller']}`,
      raw: JSON.stringify(asked.rawHeaders),
    });
  local = await joinFakeSupervisor(node, (asked, response) => {
    answer(asked);
    response.end('local');
  });
  far = await joinFakeSupervisor(
    node,
    (asked, response) => {
      answer(asked);
      response.write('begun ');
      if (asked.url === '/stream') return;
      asked.pipe(response);
    },
    { name: 'far' },
  );
  await placeApp(node.log, { app: CAFE, slug: 'cafe' });
  await placeApp(node.log, { app: SHOP, slug: 'shop', supervisor: 'far' });
});
afterEach(async () => {
  await local.close();
  await far.close();
  await node.close();
});

/** A running app was denied another one, and a person says yes to it. */
async function grant(app = CAFE, entry = 'app:shop', supervisor = 'local'): Promise<void> {
  const context = { actor: `supervisor:${supervisor}`, source: `/supervisors/${supervisor}`, supervisor };
  await node.log.append(domainEvent('egress_denied', { app, generation: 1, entry, times: 1 }, context));
  const open = async () => (await node.call('/v1/approvals?status=open')).json.approvals;
  await expect.poll(open).toHaveLength(1);
  expect((await approve(node, (await open())[0].id)).json.status).toBe('granted');
}

async function revoke(app = CAFE, line = LINE): Promise<void> {
  const path = `/v1/apps/${app}/grants/${encodeURIComponent(line)}`;
  expect((await node.call(path, { method: 'DELETE' })).status).toBe(204);
}

/** What the host is told that the app may do. */
async function told(supervisor: FakeSupervisor, app: string) {
  const { json } = await node.call(`/v1/supervisors/${supervisor.name}/desired`, {
    token: supervisor.credential,
  });
  return json.assignments.find((each: { app: string }) => each.app === app).grant;
}

/** The key with which the host of the café calls for it. */
const keyOf = async (supervisor = local, app = CAFE): Promise<string> => {
  const { call_key: key } = await told(supervisor, app);
  expect(key).toMatch(/^\S{80,}$/);
  return key;
};

interface Called {
  readonly status: number;
  readonly code?: string;
  readonly body: string;
}

/** Asks the node as a runner does. */
function begin(values: string | readonly string[], options: RequestOptions = {}) {
  const shown = typeof values === 'string' ? [values] : values;
  const headers = ['host', 'shop.tabbify.internal', ...shown.flatMap((value) => [CALL_HEADER, value])];
  const asked = request(node.url, {
    ...options,
    agent: false,
    headers: [...headers, ...((options.headers as string[]) ?? [])],
  });
  asked.on('error', () => {});
  return asked;
}

async function call(values: string | readonly string[], options: RequestOptions = {}): Promise<Called> {
  const asked = begin(values, options);
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const body = await text(answer);
  const code = body.startsWith('{') ? { code: JSON.parse(body).code } : {};
  return { status: answer.statusCode ?? 0, ...code, body };
}

const DENIED = { status: 403, code: 'call_denied' };
const UNKNOWN = { status: 401, code: 'call_unknown' };

test('an app that was granted another one reaches it, wherever it is: private, asleep, on another host; it is told who calls', async () => {
  expect(await told(local, CAFE)).toEqual({ http: [], apps: [], secrets: [] });
  await grant();
  const shown = `${await keyOf()} ${SHOP}`;
  expect((await node.call(`/app/${SHOP}/`, { token: null })).status).toBe(401); // to others it is private
  const headers = [
    ...[
      'authorization',
      'Bearer of-the-app',
      'cookie',
      '__Host-tabbify=x; own=1',
      'x-forwarded-for',
      '6.6.6.6',
    ],
    ...['tabbify-caller', 'app:forged', 'tabbify-runner-key', 'forged'],
  ];
  const answer = await call(shown, { path: '/buy?n=1', headers });
  expect(answer).toEqual({ status: 200, body: 'begun ' });
  expect([heard.map(({ what }) => what), far.wakes, local.wakes]).toEqual([
    [`/buy?n=1 app:${CAFE}`],
    [SHOP],
    [],
  ]);
  for (const kept of ['"Bearer of-the-app"', '"cookie","own=1"', '"host","shop.tabbify.internal"'])
    expect(heard[0]?.raw).toContain(kept);
  expect(heard[0]?.raw).not.toMatch(
    new RegExp(`forged|6\\.6\\.6\\.6|__Host|${CALL_HEADER}|${shown.split('.')[2]}`, 'i'),
  );
});

test('bodies stream both ways, and a WebSocket passes', async () => {
  await grant();
  const shown = `${await keyOf()} ${SHOP}`;
  const sockets = new WebSocketServer({ server: far.runner });
  const opened: unknown[] = [];
  sockets.on('connection', (socket, { headers, url }) => {
    opened.push([url, headers['tabbify-caller'], headers[CALL_HEADER]]);
    socket.on('message', (data) => socket.send(`echo ${data}`));
  });
  const asked = begin(shown, { method: 'POST', headers: ['transfer-encoding', 'chunked'] });
  const sent = Buffer.alloc(10 * 1024 * 1024, 'tabbify ');
  asked.write(sent.subarray(0, 9));
  const [answer] = await once(asked, 'response');
  asked.end(sent.subarray(9));
  expect((await buffer(answer)).equals(Buffer.concat([Buffer.from('begun '), sent]))).toBe(true);
  const socket = new WebSocket(node.url.replace('http', 'ws'), { headers: { [CALL_HEADER]: shown } });
  await once(socket, 'open');
  socket.send('hello');
  expect([String((await once(socket, 'message'))[0]), opened]).toEqual([
    'echo hello',
    [['/', `app:${CAFE}`, undefined]],
  ]);
  const ended = once(socket, 'close');
  await revoke();
  await ended;
  sockets.close();
});

test('what is revoked is gone at once, though no host has heard of it: open answers end, and nothing more is reached', async () => {
  await grant();
  const shown = `${await keyOf()} ${SHOP}`;
  const asked = begin(shown, { path: '/stream' });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const broken = text(answer).catch((error: Error) => error.message);
  await revoke();
  expect(await broken).toBe('aborted');
  expect(await call(shown)).toMatchObject(DENIED);
  expect(heard.map(({ what }) => what)).toEqual([`/stream app:${CAFE}`]);
  expect(await told(local, CAFE)).toEqual({ http: [], apps: [], secrets: [] });
  await grant();
  expect((await call(shown)).status).toBe(200); // the very key: it says who calls, not what he may
});

test('nobody else is reached by it: no app without a grant, none of another office, nothing of the platform', async () => {
  await openOffice(node, 'bakery');
  await placeApp(node.log, { app: OTHER, slug: 'shop', office: 'bakery', supervisor: 'far' });
  await placeApp(node.log, { app: THIRD, slug: 'third', supervisor: 'far' });
  await grant();
  const key = await keyOf();
  for (const other of [OTHER, THIRD, CAFE, '0191e7c2-0000-7000-8000-0000000000ff'])
    expect([other, await call(`${key} ${other}`)]).toEqual([other, expect.objectContaining(DENIED)]);
  expect((await call(`${key} ${SHOP}`, { path: '/_tabbify/events', method: 'POST' })).status).toBe(404);
  expect((await call(`${key} ${SHOP}`, { path: '/%5ftabbify/session?code=x' })).status).toBe(404);
  expect((await call(`${key} ${SHOP}`, { path: '/v1/apps' })).body).toBe('begun '); // of the shop, not of the office
  expect(heard.map(({ what }) => what)).toEqual([`/v1/apps app:${CAFE}`]);
});

test('a key that was forged, changed, or made for another app or host opens nothing, from wherever it comes', async () => {
  await placeApp(node.log, { app: THIRD, slug: 'third' });
  await grant();
  const key = await keyOf();
  const [, host = '', seal = ''] = key.split('.');
  const forged = [
    `${THIRD}.${host}.${seal}`,
    `${CAFE}.far.${seal}`,
    `${CAFE}.${host}.${'A'.repeat(43)}`,
    `${CAFE}.${host}.${seal.slice(1)}`,
    `${CAFE}.${host}`,
    key.toUpperCase(),
    '',
  ];
  for (const each of forged) expect([each, await call(`${each} ${SHOP}`)]).toMatchObject([each, UNKNOWN]);
  for (const shown of [
    key,
    `${key}  ${SHOP}`,
    `${key} ${SHOP} `.repeat(2),
    `${key} shop`,
    [`${key} ${SHOP}`, 'x'],
  ])
    expect([shown, await call(shown)]).toMatchObject([shown, UNKNOWN]);
  // a visitor who shows one beside a credential of his own is no visitor
  const owner = ['authorization', `Bearer ${node.token}`];
  expect(await call(`${forged[0]} ${SHOP}`, { headers: owner })).toMatchObject(UNKNOWN);
  expect(heard).toEqual([]);
  const visit = { headers: { 'tabbify-caller': `app:${CAFE}` } };
  expect([(await node.call(`/app/${SHOP}/`, visit)).status, heard.pop()?.what]).toEqual([200, '/ undefined']);
  // whoever has the key of an app has what the app has: not what others have
  await grant(THIRD, 'app:cafe');
  expect(await call(`${await keyOf(local, THIRD)} ${SHOP}`)).toMatchObject(DENIED);
  expect(heard).toEqual([]);
  expect((await call(`${key} ${SHOP}`)).status).toBe(200);
});

test('a grant is for the app that had the name: not under another name, nor for who has the name next', async () => {
  await grant();
  const key = await keyOf();
  const grants = () => node.events(['app_grant_changed']);
  const before = (await grants()).length;
  expect((await node.push(SHOP, await tinyApp(SHOP, 'store'))).status).toBe(201);
  expect(await call(`${key} ${SHOP}`)).toMatchObject(DENIED);
  expect(await told(local, CAFE)).toMatchObject({ apps: [] });
  expect((await grants()).slice(before).map(({ segment }) => segment)).toEqual(['platform.hosts.local']);
  await placeApp(node.log, { app: THIRD, slug: 'third', supervisor: 'far' });
  expect((await node.push(THIRD, await tinyApp(THIRD, 'shop'))).status).toBe(201);
  for (const other of [SHOP, THIRD]) expect(await call(`${key} ${other}`)).toMatchObject(DENIED);
  expect([await told(local, CAFE), heard]).toMatchObject([{ apps: [] }, []]);
  await grant(); // it is offered again, and a person means this one
  expect(await told(local, CAFE)).toMatchObject({ apps: [{ name: 'shop', id: THIRD }] });
  expect(await call(`${key} ${SHOP}`)).toMatchObject(DENIED);
  expect([(await call(`${key} ${THIRD}`)).status, heard.length]).toEqual([200, 1]);
});

test('a host from which the app has gone calls for it no more', async () => {
  await grant();
  const shown = `${await keyOf()} ${SHOP}`;
  expect((await call(shown)).status).toBe(200);
  const asked = begin(shown, { path: '/stream' });
  asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const broken = text(answer).catch((error: Error) => error.message);
  await node.call(`/v1/apps/${CAFE}/purge`, { method: 'POST' });
  const { purge_position } = await local.assigned(CAFE);
  expect(purge_position).toBeGreaterThan(0);
  expect((await local.say('app_purged', { app: CAFE, generation: 1, purge_position })).status).toBe(201);
  expect([await broken, await call(shown)]).toMatchObject(['aborted', DENIED]);
});

test('a restart of the node makes nothing void', async () => {
  await grant();
  const shown = `${await keyOf()} ${SHOP}`;
  await node.restart();
  await far.announce();
  expect((await call(shown)).status).toBe(200);
});
