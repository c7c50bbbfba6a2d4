import { equal, match } from 'node:assert/strict';
import test from 'node:test';
import app from './index.ts';

const ask = (path: string, init?: RequestInit) =>
  app.fetch(new Request(`http://hello.localhost${path}`, init), { GREETING: 'Moin' });

test('the page greets and escapes the address it is called by', async () => {
  const answer = await ask('/', { headers: { 'x-forwarded-host': '"><script>' } });
  const text = await answer.text();
  match(text, /<h1[^>]*>Moin\.<\/h1>/);
  match(text, /&#34;&#62;&#60;script/);
});

test('hello is said to whom it may concern', async () => {
  equal((await (await ask('/api/hello?name=Ada')).json()).message, 'Moin, Ada!');
});

test('what is posted to /echo comes back', async () => {
  equal(await (await ask('/echo', { method: 'POST', body: 'round trip' })).text(), 'round trip');
  equal((await ask('/echo')).status, 405);
});
