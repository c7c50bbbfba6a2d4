import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startElsewhere } from './test-support/elsewhere.ts';
import { newApp, primaryRecord, runnerPids } from './test-support/host.ts';
import { tinyHost } from './test-support/tiny-host.ts';
import { until } from './test-support/until.ts';

const host = tinyHost('file');

/** Milliseconds into a start: before the spawn, while node boots, while the app loads, around the flip. */
const MOMENTS = [1, 15, 35, 55, 75, 95, 130];

it('a supervisor killed at any moment of a start or a swap leaves no runner that nobody finds', async () => {
  const app = newApp();
  let generation = 1;
  host.node.assign(host.assignment(app, generation));
  for (const [round, moment] of MOMENTS.entries()) {
    const { wake, kill } = await startElsewhere(host);
    const woken = wake(app);
    if (round % 2 === 1) await woken; // then what is cut short is a swap, else a first start
    host.node.assign(host.assignment(app, ++generation));
    await wait(moment);
    await kill();
  }
  const supervisor = await host.start({ drainMs: 200 });
  await until(
    'the last generation',
    async () => (await host.wake(supervisor, app)).generation === generation,
  );
  const alone = async () => runnerPids(host.home).length === 1;
  await until('all others to end by themselves', alone, 25_000);
  expect(runnerPids(host.home)).toEqual([primaryRecord(host.home, app)!.pid]);
  const endpoint = await host.wake(supervisor, app);
  expect((await host.visit(endpoint)).status).toBe(200);
}, 90_000);
