import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, it } from 'vitest';
import { alwaysOnOf } from '../test-support/assignment.ts';
import { newApp, primaryRecord, runnerPids } from '../test-support/host.ts';
import { tinyHost } from '../test-support/tiny-host.ts';
import { until } from '../test-support/until.ts';

const host = tinyHost();

/** How far it lets others go first: its session's niceness where the kernel weighs sessions, else its own. */
function niceness(pid: number): number {
  const path = `/proc/${pid}/autogroup`;
  return existsSync(path) ? Number(readFileSync(path, 'utf8').split(' ')[2]) : getPriority(pid);
}

const LATER = 7;
/** The kernel takes few such changes of ordinary users, and none back without sessions that are weighed: then it may be left out. */
const isSure = process.getuid?.() === 0;

it('has a host that waits let others go first, and the one that gets an app somebody waits for not', async () => {
  const app = newApp();
  host.node.assign(host.assignment(app, 1));
  const supervisor = await host.start({ warmHosts: 1 });
  const [pid = 0] = await until('a host that waits', () => {
    const pids = runnerPids(host.home);
    return pids.length === 1 && (!isSure || niceness(pids[0] ?? 0) === LATER) ? pids : null;
  });
  await host.wake(supervisor, app);
  expect(primaryRecord(host.home, app)?.pid).toBe(pid);
  await until('it goes like others', () => niceness(pid) === 0);
});

it('has a version let others go first that comes up beside another, until it serves', async () => {
  const app = newApp();
  const seen: [at: string, niceness: number][] = [];
  let first = 0;
  const hook = (point: string): void => {
    if (point !== 'host started' && point !== 'runner taken up') return;
    const pid = runnerPids(host.home).find((each) => each !== first);
    if (pid !== undefined) seen.push([point, niceness(pid)]);
  };
  host.node.assign(alwaysOnOf(host.assignment(app, 1)));
  await host.start({ warmHosts: 0, hook });
  await until('it is taken up', () => seen.length === 2);
  first = primaryRecord(host.home, app)?.pid ?? 0;
  expect(seen).toEqual([
    ['host started', 0],
    ['runner taken up', 0],
  ]);
  host.node.assign(alwaysOnOf(host.assignment(app, 2)));
  await until('the second version', () => seen.length === 4);
  if (isSure) expect(seen[2]).toEqual(['host started', LATER]);
  const second = primaryRecord(host.home, app)?.pid ?? 0;
  await until('it goes like others', () => niceness(second) === 0);
});
