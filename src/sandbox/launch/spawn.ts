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

/** What goes to bubblewrap through its descriptors once it runs. */
export interface LaunchInput {
  readonly arguments: readonly string[];
  /** System-call filter, as the kernel takes it. */
  readonly filter: Uint8Array;
}

/** A command line that was started, and makes nothing yet. */
export interface Launched {
  readonly child: ChildProcess;
  /** Where bubblewrap tells who waits. */
  readonly info: Readable;
  /** Tells bubblewrap what to make. */
  tell(input: LaunchInput): void;
}

/**
 * Starts the command line of a box.
 *
 * @param marker its whole environment, by which its processes are found; nothing of it gets into the box
 * @param gate descriptor that is given as `fds.gate`
 */
export function spawnLauncher(
  [program, ...args]: readonly [string, ...string[]],
  marker: Readonly<Record<string, string>>,
  spec: BoxSpec,
  fds: LaunchFds,
  gate: number,
): Launched {
  const own = [...spec.stdio, 'pipe', gate, 'pipe', 'pipe'] as const;
  const nothing = openSync('/dev/null', 'r');
  try {
    const stdio = shadowed(own, inheritedDescriptors(own.length), nothing);
    const child = startChild(program, args, { env: marker, stdio });
    const pipes = child.stdio as readonly unknown[];
    return {
      child,
      info: pipes[fds.info] as Readable,
      tell(input) {
        const texts = input.arguments.map((argument) => `${argument}\0`);
        send(pipes[fds.arguments] as Writable, texts.join(''));
        send(pipes[fds.filter] as Writable, input.filter);
      },
    };
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
