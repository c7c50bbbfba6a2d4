import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Gateway, startGateway } from '../gateway/index.ts';
import { silentLogger } from '../kit/index.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue, openOffice } from './testing/tokens.ts';

const PLANTED = 'sk-planted-6f1d0b2a9c';

let node: RunningNode;
let gateway: Gateway;
/** A gateway that is none. */
let stolenBy: string | null = null;
beforeAll(async () => {
  node = await startTestNode({ gatewayUrl: () => stolenBy ?? gateway?.url ?? null });
  gateway = await open();
});
afterAll(async () => {
  await gateway.close();
  await node.close();
});

const open = () =>
  startGateway({
    home: node.home,
    bind: { host: '127.0.0.1', port: 0 },
    nodeUrl: node.url,
    logger: silentLogger(),
  });
const put = (name: string, change: object = {}, headers: Record<string, string> = {}) =>
  node.call('/v1/secrets', {
    method: 'POST',
    json: { name, kind: 'api-key', value: PLANTED, ...change },
    headers,
  });
const eventsOf = async (name: string) =>
  (await node.events(['secret_registered', 'secret_deleted'])).filter(({ data }) => data.name === name);

describe('secrets through the node', () => {
  test('go in, are said in the log with who did it, are replaced and deleted, and never come out', async () => {
    const made = await put('first');
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, null]);
    expect(made.json).toMatchObject({ name: 'first', kind: 'api-key', version: 1, created_by: 'user:owner' });
    const path = '/v1/secrets/first';
    const rotated = await node.call(path, { method: 'PUT', json: { value: `${PLANTED}2` } });
    expect([rotated.status, rotated.json.version]).toEqual([200, 2]);
    const listed = await node.call('/v1/secrets?limit=1');
    expect(listed.json.secrets).toEqual([rotated.json]);
    const gone = await node.call(path, { method: 'DELETE' });
    expect([gone.status, gone.json]).toEqual([200, { name: 'first', state: 'deleted' }]);
    expect((await node.call('/v1/secrets')).json.secrets).toEqual([]);
    expect((await node.call(path, { method: 'DELETE' })).json.code).toBe('secret_unknown');
    expect(
      (await eventsOf('first')).map(({ type, data, actor, tenant, segment, subject }) => [
        ...[type, data.version, actor, tenant, segment, subject],
      ]),
    ).toEqual([
      ['secret_registered', 1, 'user:owner', 'default', 'tenant_default.secrets', 'secret/first'],
      ['secret_registered', 2, 'user:owner', 'default', 'tenant_default.secrets', 'secret/first'],
      ['secret_deleted', 2, 'user:owner', 'default', 'tenant_default.secrets', 'secret/first'],
    ]);
    for (const { text } of [made, rotated, listed, gone]) expect(text).not.toContain('planted');
    expect(JSON.stringify(await node.events())).not.toContain('planted');
  });

  test('the same request is done once, and said once', async () => {
    const headers = { 'idempotency-key': 'one' };
    const [first, again] = [await put('twice', {}, headers), await put('twice', {}, headers)];
    expect([again.status, again.json]).toEqual([201, first.json]);
    expect((await put('twice')).json).toMatchObject({ code: 'secret_exists', status: 409 });
    expect(await eventsOf('twice')).toHaveLength(1);
  });

  test('a browser puts them in as who is signed in, and what the gateway is shown is good for nothing else', async () => {
    const origin = node.url;
    const { headers } = await node.call('/login', {
      ...{
        method: 'POST',
        token: null,
        headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
      },
      body: new Blob([new URLSearchParams({ token: node.token }).toString()]).stream(),
    });
    const [cookie = ''] = headers.get('set-cookie')?.split(';') ?? [];
    const signedIn = { token: null, headers: { cookie, origin } };
    const json = { name: 'typed', kind: 'api-key', value: PLANTED };
    const made = await node.call('/v1/secrets', { method: 'POST', json, ...signedIn });
    expect([made.status, made.json.created_by]).toEqual([201, 'user:owner']);
    expect(await eventsOf('typed')).toMatchObject([{ actor: 'user:owner' }]);
    const listed = await node.call('/v1/secrets', signedIn);
    expect(listed.json.secrets.map((each: { name: string }) => each.name)).toContain('typed');
    const foreign = { token: null, headers: { cookie, origin: 'http://evil.localhost' } };
    const refused = await node.call('/v1/secrets/typed', { method: 'DELETE', ...foreign });
    expect([refused.status, await eventsOf('typed')]).toEqual([403, [expect.anything()]]);

    let shown = '';
    const thief = createServer((request, response) => {
      shown = request.headers.authorization ?? '';
      response.end('{}');
    });
    await new Promise<void>((listening) => thief.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void thief.close());
    stolenBy = `http://127.0.0.1:${(thief.address() as AddressInfo).port}`;
    await node.call('/v1/secrets', signedIn);
    stolenBy = null;
    const withIt = (path: string) => node.call(path, { token: shown.replace(/^Bearer /, '') });
    expect(shown).toMatch(/^Bearer tbf_/);
    expect((await withIt('/v1/self')).json).toMatchObject({ name: 'owner' });
    for (const path of ['/v1/apps', '/v1/secrets', '/v1/tokens', '/v1/sessions', '/metrics']) {
      expect([path, (await withIt(path)).status]).toEqual([path, 401]);
    }
    await node.call('/logout', {
      method: 'POST',
      ...signedIn,
      headers: { ...signedIn.headers, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect((await withIt('/v1/self')).status).toBe(401);
  });

  test('the gateway asks the node who that is, and a direct call is said in the log as well', async () => {
    const headers = { authorization: `Bearer ${node.token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'direct', kind: 'token', value: PLANTED });
    const made = await fetch(`${gateway.url}/secrets`, { method: 'POST', headers, body });
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(await eventsOf('direct')).toMatchObject([{ actor: 'user:owner' }]);
    for (const authorization of ['', 'Bearer nobody', `Bearer ${node.token}x`]) {
      const refused = await fetch(`${gateway.url}/secrets`, {
        method: 'POST',
        headers: { ...headers, authorization },
        body: body.replace('direct', 'canary'),
      });
      expect([refused.status, await refused.json()]).toMatchObject([401, { code: 'credential_missing' }]);
    }
    const listed = await fetch(`${gateway.url}/secrets`, { headers });
    expect(await listed.text()).not.toContain('canary');
    expect((await fetch(`${gateway.url}/secrets/changes`)).status).toBe(401);
  });

  test('what may not put secrets in changes nothing: by the node, and by the gateway itself', async () => {
    const { token: viewer } = await issue(node, { name: 'viewer', role: 'viewer' });
    const { token: agent } = await issue(node, { name: 'agent', kind: 'agent', scopes: ['read', 'deploy'] });
    await put('canary');
    const before = await readFile(join(node.home, 'secrets/audit.jsonl'), 'utf8');
    const json = { name: 'intruder', kind: 'token', value: PLANTED };
    for (const token of [viewer, agent]) {
      for (const base of ['/v1/secrets', `${gateway.url}/secrets`]) {
        for (const [method, path] of [
          ['POST', ''],
          ['PUT', '/canary'],
          ['DELETE', '/canary'],
          ['POST', '/master-key'],
          ['GET', '/audit'],
          ['GET', '/audit/verify'],
        ] as const) {
          const response = await fetch(`${base.startsWith('/') ? node.url : ''}${base}${path}`, {
            method,
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
            ...(method === 'GET' ? {} : { body: JSON.stringify(json) }),
          });
          expect([method, path, response.status]).toEqual([method, path, 403]);
        }
      }
    }
    expect(await readFile(join(node.home, 'secrets/audit.jsonl'), 'utf8')).toBe(before);
    expect((await node.call('/v1/secrets')).text).not.toContain('intruder');
    expect((await eventsOf('canary')).map(({ type }) => type)).toEqual(['secret_registered']);
  });

  test('offices know nothing of each other’s, and those of the platform are the machine’s', async () => {
    const theirs = await openOffice(node, 'acme');
    await put('shared-name', { value: 'of default' });
    const listed = await node.call('/v1/secrets', { token: theirs });
    expect(listed.json.secrets).toEqual([]);
    const asTheirs = (method: string, path: string, json?: unknown) =>
      node.call(path, { method, token: theirs, ...(json === undefined ? {} : { json }) });
    expect((await asTheirs('DELETE', '/v1/secrets/shared-name')).json.code).toBe('secret_unknown');
    const value = { kind: 'token', value: PLANTED };
    expect((await asTheirs('POST', '/v1/secrets', { name: 'shared-name', ...value })).status).toBe(201);
    expect((await asTheirs('POST', '/v1/secrets', { name: 'platform/model', ...value })).status).toBe(403);
    const inAcme = { 'tabbify-office': 'acme' };
    expect((await put('platform/model', {}, inAcme)).status).toBe(403);
    expect((await put('platform/model')).status).toBe(201);
    const { token: viewer } = await issue(node, { name: 'looker', role: 'viewer' });
    expect((await node.call('/v1/secrets', { token: viewer })).text).not.toContain('platform/');
    expect((await node.call('/v1/secrets')).text).toContain('platform/model');
    expect((await node.call('/v1/secrets/platform%2Fmodel', { method: 'DELETE' })).status).toBe(200);
    const audit = await node.call('/v1/secrets/audit', { token: theirs });
    expect(audit.json.entries).toMatchObject([{ action: 'registered', tenant: 'acme', name: 'shared-name' }]);
  });

  test('what cannot be read is refused without being repeated', async () => {
    const raw = (body: string, url = `${node.url}/v1/secrets`) =>
      fetch(url, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/json' },
      });
    for (const body of [
      `{"name":"a","kind":"token","value":"${PLANTED}`,
      `${PLANTED}`,
      JSON.stringify({ name: 'a', kind: PLANTED, value: 'x' }),
      JSON.stringify({ name: 'a', kind: 'token', value: [PLANTED] }),
      JSON.stringify({ name: 'a', kind: 'token', value: PLANTED, value_base64: 'AA==' }),
      JSON.stringify({ name: `${PLANTED} ?`, kind: 'token', value: 'x' }),
      JSON.stringify({ name: 'a', kind: 'token', value: `${PLANTED}\0` }),
      JSON.stringify({ name: 'a', kind: 'file', value: PLANTED.repeat(4_000) }),
      JSON.stringify({ name: 'a', kind: 'token', value_base64: `${PLANTED}!` }),
    ]) {
      for (const url of [`${node.url}/v1/secrets`, `${gateway.url}/secrets`]) {
        const refused = await raw(body, url);
        const text = await refused.text();
        expect([refused.status, text]).toEqual([400, expect.not.stringContaining('planted')]);
      }
    }
    const huge = JSON.stringify({ value: 'x'.repeat(300_000) });
    expect((await raw(huge, `${gateway.url}/secrets`)).status).toBe(413);
  });

  test('with the gateway away it is said to be that; what it had not told the log is told with the next change', async () => {
    const made = await put('told-late');
    expect(made.status).toBe(201);
    await gateway.close();
    const refused = await put('nobody');
    expect([refused.status, refused.json.code, refused.headers.get('retry-after')]).toEqual([
      ...[503, 'gateway_away', '1'],
    ]);
    // killed between the store and the log: the change waits in the store
    const file = join(node.home, 'secrets/default/told-late@1.sealed');
    const { createHash } = await import('node:crypto');
    const { check: _, ...record } = JSON.parse(await readFile(file, 'utf8'));
    const id = '019ac0de-0000-7000-8000-000000000001';
    const { name, kind, version, updatedAt: time } = record;
    const change = { id, type: 'secret_registered', name, kind, version, actor: 'user:earlier', time };
    const left = { ...record, changes: [change] };
    const check = createHash('sha256').update(JSON.stringify(left)).digest('hex');
    await writeFile(file, JSON.stringify({ ...left, check }));
    gateway = await open();
    await put('next-one');
    expect((await eventsOf('told-late')).map(({ actor }) => actor)).toEqual(['user:owner', 'user:earlier']);
    expect((await node.call('/v1/secrets/changes', { method: 'POST' })).json.noted).toEqual([]);
  });

  test('a second gateway for the same home does not start', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'secrets_in_use' });
  });

  test('the master key is replaced, and the audit is whole and names the line that was touched', async () => {
    await put('kept');
    const count = (await node.call('/v1/secrets/master-key', { method: 'POST' })).json.secrets;
    expect(count).toBeGreaterThan(0);
    const report = (await node.call('/v1/secrets/audit/verify')).json;
    expect(report).toEqual({ lines: expect.any(Number), broken: null });
    const file = join(node.home, 'secrets/audit.jsonl');
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain('planted');
    await writeFile(file, text.replace('user:owner', 'user:0wner'));
    expect((await node.call('/v1/secrets/audit/verify')).json.broken).toEqual({
      line: 1,
      why: 'it was changed after it was written',
    });
    await writeFile(file, text);
  });

  test('a master key that is gone stops secrets alone, and says so', async () => {
    const file = join(node.home, 'master.key');
    const key = await readFile(file);
    await gateway.close();
    await rm(file);
    gateway = await open();
    expect((await put('unsealable')).json).toMatchObject({ code: 'master_key_missing', status: 503 });
    expect((await node.call('/v1/secrets')).status).toBe(200);
    await writeFile(file, key, { mode: 0o600 });
    expect((await put('unsealable')).status).toBe(201);
  });
});
