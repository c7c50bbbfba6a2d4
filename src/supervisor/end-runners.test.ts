import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startTimeOf } from '../kit/index.ts';
import { endRunners } from './end-runners.ts';
import { newApp, primaryRecord, runnerPids } from './test-support/host.ts';
import { tinyHost } from './test-support/tiny-host.ts';
import { until } from './test-support/until.ts';

const host = tinyHost();
const other = tinyHost();

/** Leaves a runner behind in the home of a host. */
async function leaveRunner(at: typeof host) {
  const app = newApp();
  at.node.assign(at.assignment(app, 1));
  const supervisor = await at.start();
  await at.wake(supervisor, app);
  await supervisor.close();
  return primaryRecord(at.home, app)!;
}

it('ends the runners of its home gently and no other; the next start tells why, and no crash', async () => {
  const left = await leaveRunner(host);
  const foreign = await leaveRunner(other);
  expect(await endRunners(host.home, 'closing time')).toEqual([{ app: left.app, pid: left.pid }]);
  expect(startTimeOf(left.pid)).toBeNull();
  expect(readFileSync(left.log_file, 'utf8')).toContain('stopping: asked to');
  expect(runnerPids(other.home)).toEqual([foreign.pid]);
  expect(await endRunners(host.home, 'again')).toEqual([]);

  const supervisor = await host.start();
  const told = () => host.node.events.find(({ type }) => type === 'app_stopped');
  const event = await until('the report', told);
  expect(event.data).toEqual({ app: left.app, generation: 1, reason: 'closing time' });
  expect(host.node.events.filter(({ type }) => type === 'app_crashed')).toEqual([]);
  expect((await host.visit(await host.wake(supervisor, left.app))).status).toBe(200);
});
