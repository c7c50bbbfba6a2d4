import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { StoredEvent } from '../../log/index.ts';
import { foldEvents } from './fold.ts';

/** As recorded: denials of a host that has the app, and of one that has not. */
const events = readFileSync(
  new URL('../../../test/histories/0013-denied-hosts.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as StoredEvent);

function deniedBy(log: readonly StoredEvent[]) {
  const [app] = foldEvents(log).apps.values();
  return app?.deniedHosts ?? new Map();
}

test('what an app was denied stands beside it, first and last time, and how often', () => {
  expect([...deniedBy(events)]).toEqual([
    [
      'http://plain.example:8080',
      { first: '2026-11-22T05:00:02.000Z', last: '2026-11-22T05:00:02.000Z', times: 1 },
    ],
    ['api.example.com', { first: '2026-11-22T05:00:01.000Z', last: '2026-11-22T05:00:04.000Z', times: 5 }],
  ]);
});

test('50 entries are kept, those of which was told last', () => {
  const last = events.at(-1)!;
  const more = Array.from(
    { length: 100 },
    (_, n): StoredEvent => ({
      ...last,
      id: `019aa0de-0000-7000-800d-00000000${String(1_000 + n)}`,
      position: last.position + 1 + n,
      data: { ...(last.data as object), entry: `host-${n}.example` },
    }),
  );
  const denied = deniedBy([...events, ...more]);
  expect([denied.size, denied.has('host-49.example'), denied.has('host-50.example')]).toEqual([
    50,
    false,
    true,
  ]);
});
