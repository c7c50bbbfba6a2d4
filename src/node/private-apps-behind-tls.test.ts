import { expect, onTestFinished, test } from 'vitest';
import { startPrivateApps } from './testing/private-apps.ts';
import { visitor } from './testing/visitor.ts';

test('behind TLS at a domain of its own a browser goes the same way, by https throughout', async () => {
  const options = { domain: 'office.example.com', publicUrl: 'https://office.example.com' };
  const apps = await startPrivateApps(options);
  onTestFinished(() => apps.close());
  const browser = visitor(apps.port);
  const before = await browser.open('https://diary.bakery.office.example.com/x?y=1');
  expect(before.map(({ url }) => new URL(url).origin)).toEqual([
    'https://diary.bakery.office.example.com',
    'https://office.example.com',
    'https://office.example.com',
  ]);
  const to = new URL(before.at(-1)?.url ?? '').searchParams.get('to') ?? '';
  const after = await browser.open('https://office.example.com/login', {
    method: 'POST',
    form: { token: apps.boss, to },
  });
  expect(after.at(-1)?.url).toBe('https://diary.bakery.office.example.com/x?y=1');
  expect(after.filter(({ url }) => !url.startsWith('https:'))).toEqual([]);
  expect(browser.jar.get('diary.bakery.office.example.com')?.has('__Host-tabbify-app')).toBe(true);
  // a page that came by plain HTTP is another origin
  const plain = {
    origin: 'http://diary.bakery.office.example.com',
    'sec-fetch-site': null,
    'sec-fetch-mode': null,
  };
  const url = 'https://diary.bakery.office.example.com/do';
  expect((await browser.ask(url, { method: 'POST', headers: plain })).status).toBe(403);
});
