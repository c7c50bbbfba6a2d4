import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifest, OTHER, TINY, tinyApp } from './testing/apps.ts';
import { joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue } from './testing/tokens.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const ALONE = '[build]\nassets = "public"\n';
const PAGE = '<!doctype html><title>Site</title>';
const CSS = 'body { color: brown; }\n'.repeat(200);

const site = (files: Readonly<Record<string, string | Uint8Array>>, id = TINY, rest = ALONE) => ({
  'tabbify.toml': manifest(id, 'site', rest),
  ...Object.fromEntries(Object.entries(files).map(([path, content]) => [`public/${path}`, content])),
});

/** Publishes and deploys, and waits for the end. @returns how it ended */
async function put(files: Readonly<Record<string, string | Uint8Array>>, id = TINY): Promise<string> {
  const pushed = await node.push(id, files);
  expect([pushed.status, pushed.text]).toEqual([201, expect.anything()]);
  return deploy(id, pushed.json.version);
}

async function deploy(id: string, version: number, verb = 'deploy'): Promise<string> {
  const asked = await node.call(`/v1/apps/${id}/${verb}`, { method: 'POST', json: { version } });
  expect([asked.status, asked.text]).toEqual([202, expect.anything()]);
  await node.call(`/v1/deployments/${asked.json.deployment_id}/stream`);
  return (await node.call(`/v1/deployments/${asked.json.deployment_id}`)).json.phase;
}

interface Seen {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request as it is written, on the app's own host. */
async function see(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Seen> {
  const { hostname, port } = new URL(node.url);
  const call = request({
    hostname,
    port,
    path,
    method,
    agent: false,
    headers: { host: 'site.localhost', ...headers },
  });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
}

const text = async (path: string) => (await see(path)).body.toString();
const rowOf = async (id = TINY) => (await node.call(`/v1/apps/${id}`)).json;

test('files alone are in place without a host: nothing is built, placed or started', async () => {
  expect(await put(site({ 'index.html': PAGE, 'style.css': CSS }))).toBe('switched');
  const { status, headers, body } = await see('/');
  expect([status, body.toString()]).toEqual([200, PAGE]);
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-length': String(PAGE.length),
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
  });
  expect(await rowOf()).toMatchObject({
    state: 'serving',
    version: 1,
    runtime: null,
    supervisor: null,
    instances: [],
  });
  const types = (await node.events()).map(({ type }) => type);
  expect(types.filter((type) => /assigned|placed|built|started/.test(type))).toEqual([]);

  // what is published and not in place is not shown; what is put in place is, at once, and so is what is gone back to
  await node.push(TINY, site({ 'index.html': 'two' }));
  expect(await text('/')).toBe(PAGE);
  expect(await deploy(TINY, 2)).toBe('switched');
  expect([await text('/'), (await see('/style.css')).status]).toEqual(['two', 404]);
  expect(await deploy(TINY, 1, 'rollback')).toBe('switched');
  expect(await text('/')).toBe(PAGE);

  for (const verb of ['start', 'stop', 'restart', 'reset']) {
    const answer = await node.call(`/v1/apps/${TINY}/${verb}`, { method: 'POST' });
    expect([answer.status, answer.json.code]).toEqual([409, 'nothing_to_run']);
  }
  const onHost = { version: 1, targets: [{ supervisor: 'local' }] };
  const targeted = await node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json: onHost });
  expect([targeted.status, targeted.json.code]).toEqual([400, 'runtime_unfit']);

  await node.restart();
  expect(await text('/')).toBe(PAGE);

  expect((await node.call(`/v1/apps/${TINY}/purge`, { method: 'POST' })).status).toBe(202);
  expect((await see('/')).status).toBe(401); // nothing of it is public any more
  expect(await rowOf()).toMatchObject({ state: 'published', version: null });
  expect(await deploy(TINY, 2)).toBe('switched');
  expect(await text('/')).toBe('two');
});

test('a folder that was not pushed is refused, and says what to do', async () => {
  const refused = await node.push(TINY, {
    'tabbify.toml': manifest(TINY, 'site', ALONE),
    'public.html': PAGE,
  });
  expect([refused.status, refused.json.code]).toEqual([400, 'manifest_invalid']);
  expect(`${refused.json.detail} ${refused.json.hint}`).toMatch(/`public`.*Build the static files first/);
});

test('a visitor gets what changed, a part, or the shortest form it takes', async () => {
  const shipped = brotliCompressSync(Buffer.from('var a = 1;'));
  await put(
    site({
      'index.html': PAGE,
      'style.css': CSS,
      'a.js': 'var a = 1;',
      'a.js.br': shipped,
      'noise.json': randomBytes(3000),
    }),
  );
  const whole = await see('/style.css');
  const etag = whole.headers.etag ?? '';
  expect(whole.headers).toMatchObject({ vary: 'accept-encoding', 'accept-ranges': 'bytes' });

  const same = await see('/style.css', { 'if-none-match': etag });
  expect([same.status, same.body.length, same.headers.etag]).toEqual([304, 0, etag]);
  expect(
    (await see('/style.css', { 'if-modified-since': whole.headers['last-modified'] ?? '' })).status,
  ).toBe(304);
  expect((await see('/style.css', { 'if-match': '"other"' })).status).toBe(412);

  const brotli = await see('/style.css', { 'accept-encoding': 'gzip, br' });
  expect(brotli.headers).toMatchObject({
    'content-encoding': 'br',
    'content-length': String(brotli.body.length),
  });
  expect(brotliDecompressSync(brotli.body).toString()).toBe(CSS);
  expect(brotli.headers.etag).not.toBe(etag);
  const gzipped = await see('/style.css', { 'accept-encoding': 'gzip' });
  expect(gunzipSync(gzipped.body).toString()).toBe(CSS);
  expect(
    (await see('/style.css', { 'accept-encoding': 'br', 'if-none-match': brotli.headers.etag ?? '' })).status,
  ).toBe(304);
  expect((await see('/a.js', { 'accept-encoding': 'br' })).body).toEqual(shipped); // what was pushed, not made anew
  expect((await see('/noise.json', { 'accept-encoding': 'br' })).headers['content-encoding']).toBeUndefined();

  const head = await see('/style.css', { 'accept-encoding': 'br' }, 'HEAD');
  expect([head.status, head.body.length, head.headers['content-length']]).toEqual([
    200,
    0,
    String(brotli.body.length),
  ]);

  const part = await see('/style.css', { range: 'bytes=5-9', 'accept-encoding': 'br' });
  expect([part.status, part.body.toString()]).toEqual([206, CSS.slice(5, 10)]);
  expect(part.headers['content-range']).toBe(`bytes 5-9/${CSS.length}`);
  expect((await see('/style.css', { range: 'bytes=5-9', 'if-range': etag })).status).toBe(206);
  expect((await see('/style.css', { range: 'bytes=5-9', 'if-range': '"old"' })).status).toBe(200);
  const beyond = await see('/style.css', { range: `bytes=${CSS.length}-` });
  expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${CSS.length}`]);
});

test('paths lead to files of the folder and to nothing else; a page of the site says so', async () => {
  await put(
    site({
      'index.html': PAGE,
      'bread/index.html': 'bread',
      'hours.html': 'hours',
      '.env': 'KEY=1',
      'app.9f3c1a7e.js': '1',
    }),
  );
  expect([await text('/bread/'), await text('/hours?x=1')]).toEqual(['bread', 'hours']);
  const folder = await see('/bread?x=1');
  expect([folder.status, folder.headers.location]).toEqual([308, '/bread/?x=1']);
  expect((await see('/app.9f3c1a7e.js')).headers['cache-control']).toBe(
    'public, max-age=31536000, immutable',
  );
  for (const path of [
    '/.env',
    '/../tabbify.toml',
    '/%2e%2e/tabbify.toml',
    '/..%2ftabbify.toml',
    '/tabbify.toml',
    '/digest.json',
    '//bread',
    '/%00',
    '/%ff',
  ]) {
    const { status, headers, body } = await see(path);
    expect([path, status, headers.location]).toEqual([path, 404, undefined]);
    expect(body.toString()).not.toContain('KEY');
  }
  const posted = await see('/', {}, 'POST');
  expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD']);

  await put(site({ 'index.html': PAGE, '404.html': 'lost' }));
  const lost = await see('/nothing', { 'if-none-match': '*', range: 'bytes=0-1' });
  expect([lost.status, lost.body.toString()]).toEqual([404, 'lost']);
});

test('below the path mount files are fenced in like an app, and links lead back below it', async () => {
  await put(site({ 'index.html': PAGE, 'bread/index.html': 'bread' }));
  const host = { host: new URL(node.url).host };
  const mount = `/app/${TINY}`;
  const page = await see(mount, host);
  expect(page.body.toString()).toBe(PAGE);
  expect(page.headers).toMatchObject({
    'content-security-policy': 'sandbox allow-scripts allow-forms',
    'x-content-type-options': 'nosniff',
  });
  expect((await see(`${mount}/bread`, host)).headers.location).toBe(`${mount}/bread/`);
  const part = await see(mount, { ...host, range: 'bytes=0-1' });
  expect(part.headers['content-security-policy']).toContain('sandbox');
  const same = await see(mount, { ...host, 'if-none-match': page.headers.etag ?? '' });
  expect([same.status, same.headers['content-security-policy']]).toEqual([
    304,
    expect.stringContaining('sandbox'),
  ]);
});

test('files of a private app need its credential, and a long one ends with it', async () => {
  const big = randomBytes(24 * 1024 * 1024);
  const text = manifest(TINY, 'site', ALONE).replace('"public"\n', '"private"\n');
  await put({ ...site({ 'index.html': PAGE, 'big.bin': big }), 'tabbify.toml': text });
  expect((await see('/')).status).toBe(401);
  expect((await see('/big.bin', { range: 'bytes=0-1' })).status).toBe(401);
  const { token, id } = await issue(node, { name: 'ada', role: 'viewer' });
  const authorization = `Bearer ${token}`;
  const page = await see('/', { authorization });
  expect([page.status, page.headers['cache-control']]).toEqual([200, 'private, no-cache']);
  const part = await see('/big.bin', { authorization, range: 'bytes=1000000-1000009' });
  expect([part.status, part.body]).toEqual([206, big.subarray(1_000_000, 1_000_010)]);
  expect((await see('/big.bin', { authorization })).body.equals(big)).toBe(true);

  const { hostname, port } = new URL(node.url);
  const call = request({
    hostname,
    port,
    path: '/big.bin',
    agent: false,
    headers: { host: 'site.localhost', authorization },
  });
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  await once(response, 'readable'); // and reads no further: the rest waits
  const broken = once(response, 'error');
  expect((await node.call(`/v1/tokens/${id}`, { method: 'DELETE' })).status).toBeLessThan(300);
  response.resume();
  await broken;
  expect((await see('/', { authorization })).status).toBe(401);
});

test('bytes that are not what was published are never served', async () => {
  const big = randomBytes(3 * 1024 * 1024);
  await put(site({ 'index.html': PAGE, 'small.txt': 'as published', 'big.bin': big }));
  const stored = join(node.home, 'objects', 'apps', TINY, 'v1');
  for (const name of ['small.txt', 'big.bin']) {
    const path = join(stored, 'public', name);
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([Buffer.from('X'), bytes.subarray(1)]));
    for (const headers of [{}, { range: 'bytes=5-8' }, { 'accept-encoding': 'br' }]) {
      const { status, body } = await see(`/${name}`, headers);
      expect([name, status, JSON.parse(body.toString()).code]).toEqual([name, 502, 'file_damaged']);
    }
    await writeFile(path, bytes);
    expect((await see(`/${name}`)).body.equals(bytes)).toBe(true);
  }
  await put(site({ 'index.html': 'two' }));
  const list = join(node.home, 'objects', 'apps', TINY, 'v2', 'digest.json');
  await writeFile(list, (await readFile(list, 'utf8')).replace('index.html', 'other.html'));
  expect((await see('/other.html')).status).toBe(502);
});

test('beside an app a file wins for whoever reads, wakes nothing, and is of the version in place', async () => {
  const asked: string[] = [];
  const host = await joinFakeSupervisor(node, ({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    response.end('app');
  });
  try {
    const files = async (css: string) => ({
      ...(await tinyApp(TINY, 'site', ALONE)),
      'public/style.css': css,
      'public/only.txt': css,
    });
    const deployed = async (version: number, outcome: 'idle' | 'failed') => {
      const { json } = await node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json: { version } });
      const { generation } = await host.assigned(TINY, version);
      expect(await text('/style.css')).not.toBe(`${version}`); // not yet
      if (outcome === 'idle') await host.say('assignment_applied', { app: TINY, generation, outcome });
      else
        await host.say('assignment_failed', {
          app: TINY,
          generation,
          stage: 'start',
          reason: 'no',
          log_tail: [],
        });
      await node.call(`/v1/deployments/${json.deployment_id}/stream`);
    };
    await node.push(TINY, await files('1'));
    expect((await see('/style.css')).status).not.toBe(200);
    await deployed(1, 'idle');
    host.wakes.length = 0;
    asked.length = 0;
    expect([await text('/style.css'), await text('/only')]).toEqual(['1', 'app']);
    expect(host.wakes).toEqual([TINY]); // by the second, which names no file
    expect([await text('/'), (await see('/style.css', {}, 'POST')).body.toString()]).toEqual(['app', 'app']);
    expect(asked).toEqual(['GET /only', 'GET /', 'POST /style.css']);

    await node.push(TINY, await files('2'));
    await deployed(2, 'failed');
    expect(await text('/style.css')).toBe('1');

    // then files alone take its place, and the app rests on its host
    expect(await put(site({ 'style.css': 'alone' }))).toBe('switched');
    expect([await text('/style.css'), (await see('/')).status]).toEqual(['alone', 404]);
    await expect
      .poll(async () => (await node.events(['app_stop_requested'])).length, { timeout: 10_000 })
      .toBe(1);
    expect(await rowOf()).toMatchObject({ state: 'serving', version: 3 });

    // an app that would take the place of files alone, and fails, rests on its host
    await node.push(TINY, await files('4'));
    await deployed(4, 'failed');
    expect(await text('/style.css')).toBe('alone');
    await expect
      .poll(async () => (await node.events(['app_stop_requested'])).length, { timeout: 10_000 })
      .toBe(2);
  } finally {
    await host.close();
  }
});

test('a version shows its own files, not those of another app of the same names', async () => {
  await put(site({ 'index.html': 'mine' }));
  await put(
    { ...site({ 'index.html': 'theirs' }, OTHER), 'tabbify.toml': manifest(OTHER, 'other', ALONE) },
    OTHER,
  );
  expect(await text('/')).toBe('mine');
  expect((await see('/', { host: 'other.localhost' })).body.toString()).toBe('theirs');
});
