import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startChild } from '../../kit/index.ts';
import { temporaryHome } from '../testing/box-of.ts';
import { makeGate } from './gate.ts';
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
