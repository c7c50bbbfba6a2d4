import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { get } from './get.ts';
import { TestOffice } from './office.ts';

let office: TestOffice;
beforeAll(async () => {
  office = await TestOffice.create('up');
  await office.open();
});
afterAll(() => office[Symbol.asyncDispose]());

/**
 * Makes an app of a template, as a person does. All folders have one name, so that the lists of packages are the same in all of them, and
 * are installed once.
 *
 * @returns its folder
 */
async function init(template: string): Promise<string> {
  const app = join(office.directory, template, 'example');
  const made = await office.tcli('init', app, '--template', template);
  expect(made.code, made.stderr).toBe(0);
  await edit(app, /^(name\s*= )"example"/m, `$1"${template}"`);
  return app;
}

/** Changes the manifest. */
async function edit(app: string, before: string | RegExp, after: string): Promise<void> {
  const manifest = join(app, 'tabbify.toml');
  const text = await readFile(manifest, 'utf8');
  expect(text).toMatch(before);
  await writeFile(manifest, text.replace(before, after));
}

/** @returns where it answers, without a slash at the end */
async function push(app: string): Promise<string> {
  const result = await office.tcli('push', app, '--json');
  expect(result.code, result.stderr).toBe(0);
  return `${office.url}/app/${(JSON.parse(result.stdout) as { uuid: string }).uuid}`;
}

const send = (method: string, body: object, headers: Record<string, string> = {}) => ({
  ...{ method, body: JSON.stringify(body) },
  headers: { 'content-type': 'application/json', ...headers },
});

it('keeps what visitors write in a guestbook over a restart of the app and a new version of it', async () => {
  const app = await init('guestbook');
  const base = await push(app);
  expect((await get(`${base}/`)).body).toContain('Nobody has written yet');
  const form = new URLSearchParams({ name: 'Ada', message: '<b>first</b>' });
  const signed = await fetch(`${base}/`, { method: 'POST', body: form, redirect: 'manual' });
  expect(signed.status).toBe(303);
  const back = new URL(signed.headers.get('location') ?? '', signed.url).href;
  expect(back).toBe(`${base}/`);
  expect((await get(back)).body).toContain('&lt;b&gt;first&lt;/b&gt;');

  const restarted = await office.tabbify('restart', 'guestbook');
  expect(restarted.code, restarted.stderr).toBe(0);
  expect((await get(`${base}/`)).body).toContain('1 entry so far');

  await edit(app, '"Guestbook"', '"Golden book"');
  expect(await push(app)).toBe(base);
  const { body } = await get(`${base}/`);
  expect(body).toContain('<h1>Golden book</h1>');
  expect(body).toContain('&lt;b&gt;first&lt;/b&gt;');
});

it('lets nobody overwrite unseen what another has changed in the notes', async () => {
  const base = await push(await init('notes-api'));
  const made = await fetch(`${base}/notes`, send('POST', { title: 'Milk' }));
  expect(made.status).toBe(201);
  const etag = made.headers.get('etag') ?? '';
  const note = new URL(made.headers.get('location') ?? '', made.url).href;
  expect(note).toMatch(new RegExp(`^${base}/notes/`));
  const change = (title: string) => fetch(note, send('PUT', { title }, { 'if-match': etag }));
  const [one, other] = await Promise.all([change('Oat milk'), change('Soy milk')]);
  expect([one.status, other.status].sort()).toEqual([200, 412]);
  const winner = (await (one.ok ? one : other).json()) as { title: string };
  expect(await (await fetch(note)).json()).toMatchObject({ title: winner.title });
  const list = await (await fetch(`${base}/notes`)).json();
  expect(list).toMatchObject({ notes: [{ title: winner.title }], next: null });
  expect((await get(`${base}/`)).body).toContain('Notes that nobody overwrites unseen');
});

it('streams in both directions, and events as they come', async () => {
  const base = await push(await init('echo-stream'));
  const events = await fetch(`${base}/clock?ticks=3600`);
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader.read()).value).toMatch(/^id: 1\ndata: 20\d\d-/); // long before the last
  await reader.cancel();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const answer = fetch(`${base}/upper`, { method: 'POST', body: readable, duplex: 'half' });
  const writer = writable.getWriter();
  await writer.write(Buffer.from('grün '));
  const upper = (await answer).body!.pipeThrough(new TextDecoderStream()).getReader();
  expect((await upper.read()).value).toBe('GRÜN '); // before the rest was sent
  await writer.write(Buffer.from('und blau'));
  await writer.close();
  let rest = '';
  for (let part = await upper.read(); !part.done; part = await upper.read()) rest += part.value;
  expect(rest).toBe('UND BLAU');
});

it('serves what the smaller templates make, each as it says of itself', async () => {
  for (const [template, path, shown] of [
    ['plain', '/', 'Hello'],
    ['hello', '/api/hello?name=Ada', 'Ada'],
    ['static-site', '/hours', '<title>'],
  ] as const) {
    const base = await push(await init(template));
    const answer = await office.api(`${base.slice(office.url.length)}${path}`); // `plain` is private
    const seen = [template, answer.status, await answer.text()];
    expect(seen).toEqual([template, 200, expect.stringContaining(shown)]);
  }
});
