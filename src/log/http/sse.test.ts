import { expect, test } from 'vitest';
import { draft } from '../conformance/harness.ts';
import type { StoredEvent } from '../envelope.ts';
import { sseStream } from './sse.ts';

const event = (position: number): StoredEvent => ({ ...draft(), specversion: '1.0', position });

test('a quiet stream sends a comment at every heartbeat', async () => {
  const stream = sseStream(async function* (signal) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }, 10);
  const reader = stream.getReader();
  const received = [await reader.read(), await reader.read(), await reader.read()];
  expect(received.map((part) => new TextDecoder().decode(part.value))).toEqual([
    ': open\n\n',
    ': still here\n\n',
    ': still here\n\n',
  ]);
  await reader.cancel();
});

test('events are taken from the subscription only when the reader wants more', async () => {
  let taken = 0;
  const stream = sseStream(async function* () {
    while (true) yield event(++taken);
  });
  const reader = stream.getReader();
  for (let n = 0; n <= 5; n++) await reader.read(); // the opening comment and five events
  await new Promise(setImmediate);
  expect(taken).toBe(5);
  await reader.cancel();
});

test('a reader that leaves ends the subscription', async () => {
  const ended = Promise.withResolvers<void>();
  const stream = sseStream(async function* (signal) {
    signal.addEventListener('abort', () => ended.resolve());
    yield event(1);
    await ended.promise;
  });
  const reader = stream.getReader();
  await reader.read();
  await reader.read();
  const waiting = reader.read();
  await reader.cancel();
  await ended.promise;
  expect((await waiting).done).toBe(true);
});
