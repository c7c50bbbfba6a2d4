import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isoNow } from '../../kit/index.ts';
import { type KeptLog, openSqliteLog } from '../../log/index.ts';
import { domainEvent } from '../../state/index.ts';
import { forwardClock } from './forward-clock.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
let now = START;
const clock = { now: () => now };

let home = '';
let log: KeptLog;
beforeEach(async () => {
  now = START;
  home = await mkdtemp(join(tmpdir(), 'tabbify-clock-'));
  log = await openSqliteLog({ file: join(home, 'log.db'), clock });
});
afterEach(async () => {
  await log.close();
  await rm(home, { recursive: true });
});

const say = () =>
  log.append(
    domainEvent('projections_rebuilt', { names: ['timeline'] }, { actor: 'system', source: '/node', clock }),
  );

test('an empty log leaves the clock as it is', async () => {
  const forward = await forwardClock(clock, log);
  expect(forward.now()).toBe(START);
  now += DAY_MS;
  expect(forward.now()).toBe(START + DAY_MS);
});

test('however much was said by a clock that was set back, it is as late as the log has ever been', async () => {
  await say();
  now = START + 40 * DAY_MS;
  await say();
  now = START;
  await Promise.all(Array.from({ length: 150 }, say));
  const [newest] = (await log.read({ order: 'newest', limit: 1 })).events;
  expect(newest?.time).toBe(isoNow(clock)); // their own times are those of the clock
  const late = START + 40 * DAY_MS;
  const told = (await forwardClock(clock, log)).now();
  expect(told).toBeGreaterThan(late - 2_000);
  expect(told).toBeLessThanOrEqual(late);
});

test('with a clock that is right it asks the log two questions', async () => {
  await say();
  now += 1;
  let asked = 0;
  const counted: Pick<KeptLog, 'read'> = {
    read(query) {
      asked++;
      return log.read(query);
    },
  };
  expect((await forwardClock(clock, counted)).now()).toBe(now);
  expect(asked).toBe(2);
});
