import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseManifest } from '../../app/index.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { STARTERS } from './registry.ts';

const filesOf = (name: string, outcome: string) =>
  STARTERS.find((each) => each.name === name)?.files({ outcome, name: 'x' }) ?? {};

test('every starter has a manifest without a finding, whatever the outcome says', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...STARTERS),
      fc.string({ unit: 'binary', maxLength: 300 }),
      (starter, outcome) => {
        const text = starter.files({ outcome, name: 'bakery' })['tabbify.toml'] ?? '';
        const { manifest, diagnostics } = parseManifest(text, { file: 'tabbify.toml' });
        expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(manifest?.app).toMatchObject({ name: 'bakery', visibility: 'public' });
        expect(manifest?.capabilities.httpAllowList).toEqual([]);
      },
    ),
  );
});

test('the API answers its routes, echoes JSON and refuses the rest', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'api.ts');
  await writeFile(file, filesOf('api', 'an api for my bakery')['src/index.ts'] ?? '');
  const { default: app } = await import(pathToFileURL(file).href);
  const ask = async (path: string, init?: RequestInit) => {
    const response: Response = await app.fetch(new Request(`http://x${path}`, init));
    return [response.status, await response.json()];
  };
  expect(await ask('/')).toMatchObject([200, { title: 'My bakery' }]);
  expect(await ask('/items')).toMatchObject([200, [{ id: 1 }, { id: 2 }]]);
  expect(await ask('/items/2')).toMatchObject([200, { id: 2 }]);
  expect(await ask('/items/9')).toMatchObject([404, { error: expect.any(String) }]);
  expect(await ask('/echo', { method: 'POST', body: '{"a":1}' })).toEqual([200, { you_sent: { a: 1 } }]);
  expect(await ask('/echo', { method: 'POST', body: 'no' })).toMatchObject([400, {}]);
});

test.each([
  ['a page for my bakery', 'My bakery', 'Welcome. There is more to come here.'],
  ['a page for my bakery, open from 7 to 12', 'My bakery', 'Open from 7 to 12.'],
  ['A website about <b>bees</b> & "honey"', '&lt;b&gt;bees&lt;/b&gt; &amp; &quot;honey&quot;', 'Welcome.'],
])('the page for %s shows what it is about, and the rest as its text', async (outcome, title, text) => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'page.ts');
  await writeFile(file, filesOf('page', outcome)['src/index.ts'] ?? '');
  const { default: app } = await import(pathToFileURL(file).href);
  const html = await (await app.fetch(new Request('http://x/'))).text();
  expect(html).toContain(`<h1>${title}</h1>`);
  expect(html).toContain(`<p>${text}`);
  expect((await app.fetch(new Request('http://x/nope'))).status).toBe(404);
});
