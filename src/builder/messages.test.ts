import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readMessage } from './messages.ts';

it.each([
  { type: 'progress', step: 'bundle', detail: 'index.ts' },
  { type: 'file', name: 'app.mjs', bytes: 4 },
  { type: 'done' },
  { type: 'failed', fault: 'author', what: 'a', why: 'b', hint: undefined },
])('reads what a build says: $type', (message) => {
  expect(readMessage(JSON.stringify(message))).toEqual(message);
});

it('reads nothing else', () => {
  for (const line of [
    '',
    '{',
    'null',
    '1',
    '[]',
    '{"type":"progress","step":"rm","detail":""}',
    '{"type":"file","name":1}',
  ])
    expect(readMessage(line)).toBeUndefined();
  const long = readMessage(
    JSON.stringify({ type: 'failed', what: 'x'.repeat(100_000), why: 7, fault: 'me' }),
  );
  expect(long).toEqual({
    type: 'failed',
    fault: 'platform',
    what: 'x'.repeat(8_000),
    why: undefined,
    hint: undefined,
  });
});

it('takes any line', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void readMessage(line)));
});
