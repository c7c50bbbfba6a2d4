import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { startChild } from './child-process.ts';
import { isAlive, signalProcess, startTimeOf } from './process-identity.ts';

it('tells a living process by pid and start time, and signals no other', async () => {
  const child = startChild(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: {} });
  const pid = child.pid!;
  try {
    const identity = { pid, start_time: startTimeOf(pid) };
    expect(isAlive(identity)).toBe(true);
    const stranger = { pid, start_time: (identity.start_time ?? 0) + 1 };
    expect(isAlive(stranger)).toBe(false);
    expect(signalProcess(stranger, 'SIGKILL')).toBe(false);
    expect(isAlive(identity)).toBe(true);
    const exit = once(child, 'exit');
    expect(signalProcess(identity, 'SIGKILL')).toBe(true);
    await exit;
    expect(isAlive(identity)).toBe(false);
  } finally {
    child.kill('SIGKILL');
  }
});

it('counts a zombie as gone', async () => {
  // A shell that does not wait for its child leaves it a zombie as long as it lives.
  const parent = startChild('/bin/sh', ['-c', 'true & echo $!; exec sleep 30'], {
    env: { PATH: '/bin:/usr/bin' },
  });
  try {
    const [line] = await once(parent.stdout!, 'data');
    const pid = Number(String(line).trim());
    await vi.waitFor(() => expect(startTimeOf(pid)).toBeNull(), { timeout: 15_000 });
  } finally {
    parent.kill('SIGKILL');
  }
});
