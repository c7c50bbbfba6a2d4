import type { BoxBounds } from '../../sandbox/index.ts';
import { MAX_CONNECTIONS } from './connections.ts';

const MIB = 1 << 20;

/** Where things stand in the box of an app. */
export const IN_BOX = { node: '/bin/node', guest: '/app/guest.mjs' } as const;

/** MiB; an app that says nothing of its memory has as much, and so has a box that waits for one. */
export const DEFAULT_MEMORY_MB = 256;

/**
 * MiB that node needs besides what the app may have. Measured: an empty guest has 18 MiB of its own; V8's young generation is up to
 * 48 MiB, which `--max-old-space-size` does not count; the rest is for compiled code, and pages of node's program that the
 * kernel counts with whoever touched them first and takes back when it gets tight.
 */
const NODE_MIB = 80;
/** Descriptors for what an app opens itself, besides its visitors' connections. */
const OWN_FILES = 1_096;

/** What a box is bounded to. @param memoryMb MiB that the app may have */
export function boundsOf(memoryMb: number): BoxBounds {
  return {
    memoryBytes: (memoryMb + NODE_MIB) * MIB,
    cpus: 1,
    tasks: 64,
    tmpBytes: Math.min(64, Math.ceil(memoryMb / 4)) * MIB,
    openFiles: MAX_CONNECTIONS + OWN_FILES,
  };
}

/**
 * The program of a box.
 *
 * @param flags of node, besides those of memory
 */
export function guestArgv(memoryMb: number, flags: readonly string[]): readonly string[] {
  return [IN_BOX.node, ...flags, `--max-old-space-size=${memoryMb}`, IN_BOX.guest];
}
