import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startChild } from '../../kit/index.ts';
import { runCli } from '../testing/run-cli.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { isAlive, isOffice } from './office-process.ts';

/** A process that waits, under the arguments given. */
async function waiting(...args: string[]) {
  const program = 'process.stdout.write("ready"); setInterval(() => {}, 1000)';
  const child = startChild(process.execPath, ['-e', program, ...args], { env: {} });
  await once(child.stdout ?? child, 'data');
  return child;
}

test('only `tabbify up` is taken for the office', async () => {
  const office = await waiting('/somewhere/bin/tabbify.mjs', 'up');
  const editor = await waiting('/home/me/tabbify.toml', 'up');
  const command = await waiting('/somewhere/bin/tabbify.mjs', 'events');
  try {
    expect(await Promise.all([office, editor, command].map(({ pid = 0 }) => isOffice(pid)))).toEqual([
      true,
      false,
      false,
    ]);
    expect(await isOffice(process.pid)).toBe(false);
  } finally {
    for (const child of [office, editor, command]) child.kill('SIGKILL');
  }
});

test('down ends the office of the home and waits for it', async () => {
  await using folder = await temporaryFolder();
  const office = await waiting('/somewhere/bin/tabbify.mjs', 'up');
  const pid = office.pid ?? 0;
  const ended = once(office, 'exit');
  const record = { pid, node_url: '', gateway_url: '', supervisor_url: '', version: '1', started_at: '' };
  await folder.write({ 'home/office.json': JSON.stringify(record) });
  const { code, json } = await runCli('tabbify', ['down', '--json'], { cwd: folder.path });
  expect([code, json()]).toEqual([0, { closed: true, pid }]);
  expect(await ended).toEqual([null, 'SIGTERM']);
  expect(isAlive(pid)).toBe(false);
});
