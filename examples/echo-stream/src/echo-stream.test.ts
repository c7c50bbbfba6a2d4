import { equal, match, ok } from 'node:assert/strict';
import test from 'node:test';
import { clock } from './clock.ts';
import app, { upperCase } from './index.ts';

const ask = (path: string, init?: RequestInit) => app.fetch(new Request(`http://app${path}`, init));

test('what is posted comes back with its type', async () => {
  const answer = ask('/echo', { method: 'POST', body: '<a/>', headers: { 'content-type': 'text/xml' } });
  equal(answer.headers.get('content-type'), 'text/xml');
  equal(await answer.text(), '<a/>');
});

test('letters that are cut in two are one again', async () => {
  const bytes = new TextEncoder().encode('grün');
  const inTwo = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.slice(0, 3));
      controller.enqueue(bytes.slice(3));
      controller.close();
    },
  });
  equal(await new Response(upperCase(inTwo)).text(), 'GRÜN');
});

test('the clock goes on after the last tick that arrived, and says when it ends', async () => {
  const text = await clock({ from: 2, to: 3, everyMs: 1 }).text();
  match(text, /^id: 2\ndata: 20\d\d-.*Z\n\nid: 3\n.*\n\nevent: end\n/);
  ok(!text.includes('id: 4'));
});

test('a clock whose visitor leaves stops', async () => {
  const reader = clock({ from: 1, to: 3600, everyMs: 1 }).body?.getReader();
  await reader?.read();
  await reader?.cancel(); // a clock that went on would keep this process, and the test, from ending
});

test('what is no number, and what is not there, is said', async () => {
  equal(ask('/clock?ticks=many').status, 400);
  equal(ask('/nothing').status, 404);
});
