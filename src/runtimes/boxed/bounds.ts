import type { BoxBounds } from '../../sandbox/index.ts';
import { instancesBytes } from '../process-memory.ts';
import { MAX_CONNECTIONS } from './connections.ts';

const MIB = 1 << 20;

/** MiB; an app that says nothing of its memory has as much, and so has a box that waits for one. */
export const DEFAULT_MEMORY_MB = 256;

/**
 * MiB that node needs besides what the app may have. Measured: an empty guest has 18 MiB of its own; V8's young generation is up to
 * 48 MiB, which `--max-old-space-size` does not count; the rest is for compiled code, and pages of node's program that the
 * kernel counts with whoever touched them first and takes back when it gets tight.
 */
const NODE_MIB = 80;
/**
 * MiB for components besides node and what their instances hold: V8's heap (256, of which glue and bodies on their way need a part), the
 * cores as they came and compiled. Measured: a TypeScript app under load, whose core has 14 MiB, takes 110 to 190 in all, with one or two instances of 17.
 */
const CODE_MIB = 304;
/** Descriptors for what an app opens itself, besides its visitors' connections. */
const OWN_FILES = 1_096;

/** What a box with a module in it is bounded to. @param memoryMb MiB that the app may have */
export function moduleBounds(memoryMb: number): BoxBounds {
  return {
    memoryBytes: (memoryMb + NODE_MIB) * MIB,
    cpus: 1,
    tasks: 64,
    tmpBytes: Math.min(64, Math.ceil(memoryMb / 4)) * MIB,
    openFiles: MAX_CONNECTIONS + OWN_FILES,
  };
}

/**
 * What a box with a component in it is bounded to: the budget of its instances, two more that are just growing or being given
 * back (`MemoryBudget`), and what runs them. The budget is kept inside; this is the wall behind it.
 *
 * @param memoryMb MiB that an instance may have
 */
export function componentBounds(memoryMb: number): BoxBounds {
  const instances = instancesBytes(memoryMb) + 2 * memoryMb * MIB;
  return {
    ...moduleBounds(DEFAULT_MEMORY_MB), // one that waits has a /tmp of this size already
    memoryBytes: instances + (NODE_MIB + CODE_MIB) * MIB,
  };
}

/** What a box is bounded to that waits for an app of either kind: bounds are lowered everywhere, and raised not everywhere. */
export function waitingBounds(): BoxBounds {
  const [module, component] = [moduleBounds(DEFAULT_MEMORY_MB), componentBounds(DEFAULT_MEMORY_MB)];
  return { ...module, memoryBytes: Math.max(module.memoryBytes, component.memoryBytes) };
}
