import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

let node: RunningNode;
beforeAll(async () => {
  node = await startTestNode({ publicUrl: 'https://office.example.com' });
});
afterAll(() => node.close());

/** fetch sets Host and Origin by itself; this does not. */
function send(method: string, path: string, headers: Record<string, string>): Promise<number> {
  const { hostname, port } = new URL(node.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers, setHost: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject).end();
  });
}

test('every office route answers only for a host of the office', async () => {
  const { port } = new URL(node.url);
  for (const path of ['/health', '/v1/apps', '/openapi.json', '/docs', '/nothing']) {
    expect(await send('GET', path, { host: 'rebound.example' })).toBe(421);
  }
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, '[::1]', 'office.example.com']) {
    expect([host, await send('GET', '/health', { host })]).toEqual([host, 200]);
  }
});

test('a page of another origin cannot change anything, the office’s own can', async () => {
  const { host, port } = new URL(node.url);
  const post = (origin: string) =>
    send('POST', '/v1/supervisors', { host, origin, authorization: `Bearer ${node.token}` });
  for (const origin of [
    'https://evil.example',
    'null',
    `http://hello.localhost:${port}`,
    'http://localhost:1',
    'junk',
  ]) {
    expect([origin, await post(origin)]).toEqual([origin, 403]);
  }
  for (const origin of [`http://localhost:${port}`, 'https://office.example.com']) {
    expect([origin, await post(origin)]).toEqual([origin, 400]);
  }
  expect(await send('GET', '/health', { host, origin: 'https://evil.example' })).toBe(200);
});

test('every refusal is a problem with a code', async () => {
  const cases: [string, string, unknown, number, string][] = [
    ['GET', '/nothing', undefined, 404, 'route_unknown'],
    ['DELETE', '/v1/apps', undefined, 404, 'route_unknown'],
    ['GET', '/v1/apps/nonsense', undefined, 400, 'request_invalid'],
    ['GET', '/v1/apps?limit=0', undefined, 400, 'request_invalid'],
    ['GET', '/v1/apps/00000000-0000-7000-8000-000000000000', undefined, 404, 'app_unknown'],
    ['GET', '/v1/deployments/00000000-0000-7000-8000-000000000000', undefined, 404, 'deployment_unknown'],
    ['POST', '/v1/supervisors', { name: 'Not A Slug' }, 400, 'request_invalid'],
    ['GET', '/v1/events?limit=x', undefined, 400, 'query_invalid'],
    ['POST', '/v1/events', { event: { type: 'x' } }, 400, 'request_invalid'],
    ['POST', '/v1/apps/00000000-0000-7000-8000-000000000000/start', {}, 404, 'app_unknown'],
  ];
  for (const [method, path, json, status, code] of cases) {
    const answer = await node.call(path, { method, ...(json === undefined ? {} : { json }) });
    expect([path, answer.status, answer.json?.code]).toEqual([path, status, code]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json).toMatchObject({ type: `urn:tabbify:problem:${code}`, status });
  }
  const broken = await node.call('/v1/supervisors', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Blob(['{']).stream(),
  });
  expect([broken.status, broken.json.code]).toEqual([400, 'request_invalid']);
  const large = await node.call('/v1/supervisors', { method: 'POST', json: { name: 'x'.repeat(2 << 20) } });
  expect([large.status, large.json.code]).toEqual([413, 'body_too_large']);
});

test('editors find the format of manifests, without a credential', async () => {
  const { status, json } = await node.call('/tabbify.schema.json', { token: null });
  expect([status, json.title]).toEqual([200, 'tabbify.toml']);
});

test('the API describes itself, and its page loads nothing from elsewhere', async () => {
  const document = await node.call('/openapi.json', { token: null });
  expect(document.json.openapi).toBe('3.1.0');
  expect(Object.keys(document.json.paths)).toEqual(
    expect.arrayContaining([
      '/health',
      '/v1/apps',
      '/v1/apps/{uuid}',
      '/v1/apps/{uuid}/versions',
      '/v1/apps/{uuid}/deploy',
      '/v1/apps/{uuid}/start',
      '/v1/apps/{uuid}/stop',
      '/v1/apps/{uuid}/logs',
      '/v1/deployments/{id}',
      '/v1/deployments/{id}/stream',
      '/v1/events',
      '/v1/events/stream',
      '/v1/supervisors',
      '/v1/supervisors/{name}',
      '/v1/supervisors/{name}/desired',
    ]),
  );
  const page = await node.call('/docs', { token: null });
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
  expect(sources.length).toBeGreaterThan(2);
  for (const source of sources) {
    expect(source).toMatch(/^(\/docs\/|data:)/);
    if (source.startsWith('/')) expect((await node.call(source, { token: null })).status).toBe(200);
  }
});

test('who opens the address of the office in a browser finds a page that says what to do, and no name of an app', async () => {
  const door = await node.call('/', { token: null });
  expect(door.status).toBe(200);
  expect(door.headers.get('content-type')).toContain('text/html');
  expect(door.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  expect(door.text).toContain('npx tabbify chat');
  expect(door.text).toContain('href="/docs"');
  expect(door.text).not.toContain('<script');
});

test('nothing else is open without a credential', async () => {
  const document = JSON.parse((await node.call('/openapi.json')).text);
  for (const [path, methods] of Object.entries(document.paths as Record<string, object>)) {
    if (path === '/health') continue;
    for (const method of Object.keys(methods)) {
      const address = path.replaceAll(/\{\w+\}/g, '00000000-0000-7000-8000-000000000000');
      const answer = await node.call(address, { method: method.toUpperCase(), token: null });
      expect([method, path, answer.status]).toEqual([method, path, 401]);
    }
  }
  expect(await readFile(`${node.home}/node.key`, 'utf8')).toContain(node.token);
});

test('the owner appends events of the office, and none that are the platform’s', async () => {
  const offer = (event: Record<string, unknown>, key?: string) =>
    node.call('/v1/events', {
      method: 'POST',
      json: { event },
      ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    });
  const event = {
    type: 'OrderReceived',
    segment: 'tenant_default.orders',
    data: { total: 3 },
    actor: 'user:forged',
  };
  const first = await offer(event, 'once');
  const second = await offer(event, 'once');
  expect([first.status, second.status]).toEqual([201, 200]);
  expect(second.json).toEqual({ position: first.json.position, duplicate: true });
  const page = await node.call('/v1/events?type=OrderReceived');
  expect(page.json.events).toMatchObject([{ actor: 'user:owner', tenant: 'default', data: { total: 3 } }]);
  for (const forbidden of [
    { ...event, segment: 'tenant_default.apps' },
    { ...event, segment: 'tenant_other.orders' },
    { ...event, segment: 'platform.hosts.local' },
    { ...event, type: 'app_assigned' },
  ]) {
    expect((await offer(forbidden)).status).toBe(403);
  }
});

test('a body whose length was not said is read like any other', async () => {
  const answer = await node.call('/v1/supervisors', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new Blob([JSON.stringify({ name: 'chunked' })]).stream(),
  });
  expect(answer.json).toMatchObject({ name: 'chunked' });
});
