import { totalmem } from 'node:os';

const MIB = 1 << 20;
/** All instances of an app together: a quarter of the machine, 1 GiB at most. */
const MAX_INSTANCES_BYTES = 1024 * MIB;
/**
 * What a runner's process has besides its instances: the engine sets 0.7 GiB aside at its start without using it, the rest is
 * for its heap, compiled code and what is on its way in or out.
 */
const ENGINE_BYTES = 1536 * MIB;

/** Bytes of memory all instances of an app may hold together. @param memoryMb MiB one of them may hold */
export function instancesBytes(memoryMb: number): number {
  return Math.max(memoryMb * MIB, Math.min(MAX_INSTANCES_BYTES, machineBytes() / 4));
}

/**
 * Bytes of data the process of a runner may have. The runtime keeps within its own bounds; this is the wall behind them, for
 * what a component makes its host allocate on its behalf.
 */
export function processBytes(memoryMb: number): number {
  const beingGivenBack = 2 * memoryMb * MIB;
  return ENGINE_BYTES + instancesBytes(memoryMb) + beingGivenBack;
}

/** What this process may use: its control group's bound where there is one. */
function machineBytes(): number {
  return Math.min(process.constrainedMemory() || totalmem(), totalmem());
}
