import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startChild, startTimeOf } from '../../kit/index.ts';
import type { Context } from '../context.ts';
import { runCli } from '../testing/run-cli.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { closeOffice } from './close-office.ts';
import { isAlive, isOffice, isOpen } from './office-process.ts';

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

test('down says that no office is open the second time, and leaves an office alone that got the pid of a dead one', async () => {
  await using folder = await temporaryFolder();
  const office = await waiting('/somewhere/bin/tabbify.mjs', 'up');
  try {
    const pid = office.pid ?? 0;
    const start_time = (startTimeOf(pid) ?? 0) - 1; // the dead one's
    const record = {
      pid,
      start_time,
      node_url: '',
      gateway_url: '',
      supervisor_url: '',
      version: '1',
      started_at: '',
    };
    expect(await isOpen(record)).toBe(false);
    expect(await isOpen({ pid, start_time: startTimeOf(pid) })).toBe(true);
    await folder.write({ 'home/office.json': JSON.stringify(record) });
    const { code, stdout } = await runCli('tabbify', ['down'], { cwd: folder.path });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/No office is open in .*nothing to do/)]);
    const { json } = await runCli('tabbify', ['down', '--apps', '--json'], { cwd: folder.path });
    expect(json()).toEqual({ closed: false, reason: 'not running', stopped: [] });
    expect(isAlive(pid)).toBe(true);
  } finally {
    office.kill('SIGKILL');
  }
});

test('an office that is closing is not told to a second time', async () => {
  await using folder = await temporaryFolder();
  const office = await waiting('/somewhere/bin/tabbify.mjs', 'up');
  const ended = once(office, 'exit');
  const pid = office.pid ?? 0;
  const record = { pid, start_time: startTimeOf(pid), node_url: '', gateway_url: '', supervisor_url: '' };
  const about = { version: '1', started_at: '', closing: true };
  await folder.write({ 'home/office.json': JSON.stringify({ ...record, ...about }) });
  const progress = () => {
    setImmediate(() => office.kill('SIGKILL')); // too late, had it been told to end
    return { done() {}, fail() {} };
  };
  const context = { home: join(folder.path, 'home'), progress } as unknown as Context;
  expect(await closeOffice(context)).toMatchObject({ pid });
  expect(await ended).toEqual([null, 'SIGKILL']);
});
