import { once } from 'node:events';
import { expect, test } from 'vitest';
import { systemClock } from '../../kit/index.ts';
import { createPresences } from '../supervisors/presences.ts';
import { watchHost } from './watch-host.ts';

const PRESENCE = { url: 'http://127.0.0.1:1', tags: [], control_key: 'k'.repeat(32) };
const WAITS = { graceMs: 0, awayMs: 60, everyMs: 20 };

test('a host that was killed without a word is looked for, and is away when it is not found', async () => {
  const presences = createPresences(systemClock);
  presences.announce('far', PRESENCE);
  let looks = 0;
  const look = async (name: string) => {
    looks += 1;
    if (looks === 3) presences.forget(name);
  };
  const { away, stop } = watchHost({ presences, supervisors: { look } }, 'far', WAITS);
  await once(away, 'abort');
  stop();
  expect(looks).toBe(3); // one that is known to be gone is not looked for
});

test('one that comes back in time is not away', async () => {
  const presences = createPresences(systemClock);
  const { promise: found, resolve } = Promise.withResolvers<void>();
  let looks = 0;
  const look = async () => {
    looks += 1;
    if (looks === 5) resolve();
  };
  const { away, stop } = watchHost({ presences, supervisors: { look } }, 'far', { ...WAITS, awayMs: 5_000 });
  presences.announce('far', PRESENCE);
  await found;
  stop();
  expect(away.aborted).toBe(false);
});
