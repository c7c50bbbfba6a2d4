import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { startChild } from './child-process.ts';
import { goLikeOthers, letOthersGoFirst } from './cpu-order.ts';

it('has a session let others go first, and takes that back', async () => {
  const child = startChild(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    env: {},
    stdio: ['ignore', 'ignore', 'ignore'],
    detached: true,
  });
  const pid = child.pid ?? 0;
  onTestFinished(() => void child.kill('SIGKILL'));
  const autogroup = `/proc/${pid}/autogroup`;
  /** Its niceness to other sessions, where this kernel knows one. */
  const session = () =>
    existsSync(autogroup) ? Number(readFileSync(autogroup, 'utf8').split(' ')[2]) : null;
  const ofSession = (nice: number) => (existsSync(autogroup) ? nice : null);
  letOthersGoFirst(pid);
  // Of all ordinary users together the kernel takes ten such changes a second: this one may be left out.
  if (process.getuid?.() === 0) expect([session(), getPriority(pid)]).toEqual([ofSession(7), 7]);
  goLikeOthers(pid);
  await expect.poll(() => [session(), getPriority(pid)], { timeout: 20_000 }).toEqual([ofSession(0), 0]);
});

it('does without where there is no such process', () => {
  expect(() => letOthersGoFirst(2 ** 30)).not.toThrow();
  expect(() => goLikeOthers(2 ** 30)).not.toThrow();
});
