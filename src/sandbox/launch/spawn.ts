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

/** A bubblewrap that was started, and waits for its arguments and its filter. */
export interface Launched {
  readonly child: ChildProcess;
  /** Where it tells who waits. */
  readonly info: Readable;
  /** Sends all that it reads at one of its descriptors. */
  send(fd: number, content: string | Uint8Array): void;
}

/**
 * Starts the command line of a box.
 *
 * @param marker its whole environment, by which its processes are found; nothing of it gets into the box
 * @param given its own descriptors, and the one that it gets as `fds.gate`
 */
export function spawnLauncher(
  [program, ...args]: readonly [string, ...string[]],
  marker: Readonly<Record<string, string>>,
  spec: BoxSpec,
  { fds, gate }: { readonly fds: LaunchFds; readonly gate: number },
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
      send: (fd, content) => send(pipes[fd] as Writable, content),
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
