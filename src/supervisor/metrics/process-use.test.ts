import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { processUse } from './process-use.ts';

const MIB = 1 << 20;
/** A process that starts another, which takes so much memory and time; both wait then until standard input ends. */
const PARENT = `
const { spawn } = require('node:child_process');
const child = spawn(process.execPath, ['-e', process.argv[1]], { stdio: ['pipe', 'inherit', 'inherit'] });
child.on('exit', () => console.log('child ended'));
process.stdin.on('data', () => child.stdin.end());
`;
const CHILD = `
const held = Buffer.alloc(96 << 20, 1);
const until = process.cpuUsage().user + 300_000;
while (process.cpuUsage().user < until);
process.stdin.resume().on('end', () => process.exit(held[0] - 1));
console.log('busy child');
`;

let parent: ChildProcess | null = null;
afterEach(() => parent?.kill('SIGKILL'));

it('adds up a process and what it has started, and loses nothing of what has ended', async () => {
  const started = spawn(process.execPath, ['-e', PARENT, CHILD], { stdio: ['pipe', 'pipe', 'inherit'] });
  parent = started;
  await once(started.stdout, 'data');
  const whole = await processUse(started.pid ?? 0);
  expect(whole?.memoryBytes).toBeGreaterThan(96 * MIB);
  expect(whole?.memoryBytes).toBeLessThan(400 * MIB); // the engine's program counts once
  expect(whole?.cpuMs).toBeGreaterThanOrEqual(300);
  started.stdin.write('end');
  await once(started.stdout, 'data');
  const rest = await processUse(started.pid ?? 0);
  expect(rest?.cpuMs).toBeGreaterThanOrEqual(whole?.cpuMs ?? 0);
  expect(rest?.memoryBytes).toBeLessThan(whole?.memoryBytes ?? 0);
});

it('knows nothing of a process that is gone', async () => {
  const ended = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await once(ended, 'exit');
  expect(await processUse(ended.pid ?? 0)).toBe(null);
});
