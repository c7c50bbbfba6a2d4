import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startChild } from '../../kit/index.ts';
import { temporaryHome } from '../testing/box-of.ts';
import { makeGate, nextGate, readyGate } from './gate.ts';
import { findPrograms } from './programs.ts';

/** Number of read(2). */
const READ = process.arch === 'x64' ? '0' : '63';

async function waitingAtGate() {
  const folder = temporaryHome();
  const gate = await makeGate(findPrograms().mkfifo ?? '', join(folder, 'gate'));
  expect(readdirSync(folder)).toEqual([]);
  const child = startChild('/usr/bin/head', ['-c', '1'], { env: {}, stdio: [gate.fd, 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { gate, child, gone: once(child, 'exit') };
}

it('lets through whoever waits at it', async () => {
  const { gate, gone } = await waitingAtGate();
  gate.open();
  expect(await gone).toEqual([0, null]);
  gate[Symbol.dispose]();
});

it.skipIf(process.platform !== 'linux')('stays shut when the one who would open it is gone', async () => {
  const { gate, child } = await waitingAtGate();
  gate[Symbol.dispose]();
  // Seen after that, it waits for what nobody will write: the end of a file would not let it wait.
  await vi.waitFor(
    () => {
      const [call, fd] = readFileSync(`/proc/${child.pid}/syscall`, 'utf8').split(' ');
      expect([call, fd]).toEqual([READ, '0x0']);
    },
    { timeout: 20_000 },
  );
  expect(child.exitCode).toBe(null);
});

it('that was made ahead is the next one of its folder, and of nobody else', async () => {
  const [folder, other, mkfifo] = [temporaryHome(), temporaryHome(), findPrograms().mkfifo ?? ''];
  readyGate(mkfifo, folder);
  await vi.waitFor(() => expect(openFifos()).toBe(1), { timeout: 20_000 });
  await using elsewhere = nextGate(mkfifo, other);
  await using first = nextGate(mkfifo, folder);
  await using second = nextGate(mkfifo, folder);
  const fds = await Promise.all([elsewhere, first, second].map(async ({ gate }) => (await gate).fd));
  expect(new Set(fds).size).toBe(3);
  expect(openFifos()).toBe(3);
  expect([...readdirSync(folder), ...readdirSync(other)]).toEqual([]);
});

/** Gates that this process has: nothing else in it is a pipe that was once in a folder of a test. */
function openFifos(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('/tabbify-box-');
    } catch {
      return false; // it was the one that listed them
    }
  }).length;
}
