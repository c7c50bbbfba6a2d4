import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { get } from './get.ts';
import { TestOffice } from './office.ts';
import { ROOT } from './process.ts';

let office: TestOffice;
beforeAll(async () => {
  office = await TestOffice.create('up');
  await office.open();
});
afterAll(() => office[Symbol.asyncDispose]());

/** As a browser sends it: to the app's own host. */
const see = (path: string, headers: Record<string, string> = {}) =>
  get(office.url + path, { host: `static-site.localhost:${new URL(office.url).port}`, ...headers });

it('serves a site that is files alone: pushed, changed, gone back to, closed, and after kill -9, with nothing started', async () => {
  const site = join(office.directory, 'site');
  await cp(join(ROOT, 'examples/static-site'), site, { recursive: true });
  const push = async () => {
    const { code, stdout, stderr } = await office.tcli('push', site, '--json');
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as { uuid: string; version: number; in_place: boolean; warnings: string[] };
  };
  const { uuid, ...first } = await push();
  expect(first).toMatchObject({ version: 1, in_place: true, warnings: [] });

  const page = await see('/');
  expect(page.body).toBe(await readFile(join(site, 'public/index.html'), 'utf8'));
  for (const path of [
    '/hours',
    '/bread/',
    '/images/ear.svg',
    '/app.9f3c1a7e.js',
    '/.well-known/security.txt',
  ])
    expect([path, (await see(path)).status]).toEqual([path, 200]);
  expect((await see('/bread')).headers.location).toBe('/bread/');
  expect((await see('/', { 'if-none-match': String(page.headers.etag) })).status).toBe(304);
  const part = await see('/style.css', { range: 'bytes=0-4' });
  expect([part.status, part.body]).toEqual([206, ':root']);
  const lost = await see('/nothing');
  expect([lost.status, lost.body]).toEqual([404, expect.stringContaining('Sold out')]);
  const shorter = await fetch(`${office.url}/app/${uuid}/style.css`, {
    headers: { 'accept-encoding': 'br' },
  });
  expect(shorter.headers.get('content-encoding')).toBe('br');
  expect(await shorter.text()).toBe(await readFile(join(site, 'public/style.css'), 'utf8'));

  const changed = page.body.replace('takes its time', 'takes a day');
  await writeFile(join(site, 'public/index.html'), changed);
  expect(await push()).toMatchObject({ version: 2, in_place: true });
  expect((await see('/')).body).toBe(changed);
  expect(await push()).toMatchObject({ version: 2, unchanged: true, deployment_id: null });

  const back = await office.tabbify('rollback', 'static-site');
  expect(back.code, back.stderr).toBe(0);
  expect((await see('/')).body).toBe(page.body);

  const manifest = join(site, 'tabbify.toml');
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"public"   ', '"private"  '));
  await push();
  expect((await see('/')).status).toBe(401);
  const authorization = `Bearer ${await office.ownerKey()}`;
  expect((await see('/', { authorization })).body).toBe(changed);

  const stopped = await office.tabbify('stop', 'static-site');
  expect([stopped.code, stopped.stderr]).toEqual([1, expect.stringContaining('static files alone')]);
  expect((await office.tabbify('apps')).stdout).toMatch(/static-site +serving +3 +static files/);

  await office.kill();
  await office.open();
  expect((await see('/', { authorization })).body).toBe(changed);
  expect((await see('/')).status).toBe(401);

  expect((await office.runners()).filter(({ app }) => app === uuid)).toEqual([]);
  const events = (await (await office.api(`/v1/events?subject=app/${uuid}&limit=200`)).json()) as {
    events: { type: string }[];
  };
  const types = new Set(events.events.map(({ type }) => type));
  expect([...types].sort()).toEqual([
    ...['app_registered', 'deployment_requested', 'deployment_succeeded', 'version_published'],
  ]);
});
