import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { startChild } from '../../kit/index.ts';
import type { BoxSpec } from '../box.ts';
import type { LaunchFds } from './arguments.ts';
import { inheritedDescriptors } from './inherited.ts';

/** Descriptors of bubblewrap itself: behind those that the program gets. */
export function launchFds(spec: BoxSpec): LaunchFds {
  const first = spec.stdio.length;
  return { info: first, gate: first + 1, arguments: first + 2, filter: first + 3 };
}

/** What goes to bubblewrap through its descriptors. */
export interface LaunchInput {
  readonly fds: LaunchFds;
  /** Given as `fds.gate`. */
  readonly gate: number;
  readonly arguments: readonly string[];
  /** System-call filter, as the kernel takes it. */
  readonly filter: Uint8Array;
}

/**
 * Starts the command line of a box.
 *
 * @param marker its whole environment, by which its processes are found; nothing of it gets into the box
 * @returns the process, and where bubblewrap tells who waits
 */
export function spawnLauncher(
  [program, ...args]: readonly [string, ...string[]],
  marker: Readonly<Record<string, string>>,
  spec: BoxSpec,
  input: LaunchInput,
): { child: ChildProcess; info: Readable } {
  const own = [...spec.stdio, 'pipe', input.gate, 'pipe', 'pipe'] as const;
  const nothing = openSync('/dev/null', 'r');
  try {
    const stdio = shadowed(own, inheritedDescriptors(own.length), nothing);
    const child = startChild(program, args, { env: marker, stdio });
    const pipes = child.stdio as readonly unknown[];
    send(pipes[input.fds.arguments] as Writable, input.arguments.map((argument) => `${argument}\0`).join(''));
    send(pipes[input.fds.filter] as Writable, input.filter);
    return { child, info: pipes[input.fds.info] as Readable };
  } finally {
    closeSync(nothing);
  }
}

/** Puts something harmless at every descriptor that the box would get by inheritance. */
function shadowed(
  own: readonly ('ignore' | 'pipe' | number)[],
  inherited: readonly number[],
  nothing: number,
): ('ignore' | 'pipe' | number)[] {
  const all = [...own];
  while (all.length <= Math.max(...inherited, 0))
    all.push(inherited.includes(all.length) ? nothing : 'ignore');
  return all;
}

function send(pipe: Writable, content: string | Uint8Array): void {
  pipe.on('error', () => {}); // it died before it had read all; its end says so
  pipe.end(content);
}
