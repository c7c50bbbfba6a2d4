import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Writable } from 'node:stream';

const PROGRAM = join(import.meta.dirname, 'end-what-is-left.ts');

let survivor: Writable | null = null;

/** Should this process end before it forgets the folder, by whatever signal, what runs there is ended all the same, and the folder removed. */
export function remember(folder: string): void {
  survivor ??= start();
  survivor.write(`+${folder}\n`);
}

/** What ran there has ended. */
export function forget(folder: string): void {
  survivor?.write(`-${folder}\n`);
}

/** It has a session of its own, which the Ctrl-C of a terminal does not reach, and it ends with its input: when this process has gone. */
function start(): Writable {
  const child = spawn(process.execPath, [PROGRAM], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  child.unref();
  const { stdin } = child;
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  stdin.on('error', () => {}); // killed itself: then nobody survives, and the tests go on
  return stdin;
}
