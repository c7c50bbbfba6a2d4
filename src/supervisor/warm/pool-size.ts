/** What the machine has, in bytes; its control group's bounds where there are some. */
export interface MachineMemory {
  readonly availableBytes: number;
  readonly totalBytes: number;
}

const MIB = 1 << 20;
/** A machine below this is small: its memory is for apps that run. */
const SMALL_MACHINE_BYTES = 1_900 * MIB; // what is sold as 2 GiB, less what the kernel keeps
/** While less is available the machine is short, and empty hosts are given back. */
const SHORT_BYTES = 512 * MIB;
/** What must be available beyond that for one more: a host has some 45 MiB, and must not be given back the moment after. */
const ROOM_FOR_ONE_BYTES = 256 * MIB;

/**
 * How many empty hosts there should be.
 *
 * @param most configured; 0 switches the pool off
 * @param present hosts that there are; they are kept at less memory than is asked for a new one
 */
export function poolSize(most: number, present: number, memory: MachineMemory): number {
  if (memory.totalBytes < SMALL_MACHINE_BYTES || memory.availableBytes < SHORT_BYTES) return 0;
  const more = Math.floor((memory.availableBytes - SHORT_BYTES) / ROOM_FOR_ONE_BYTES);
  return Math.min(most, present + more);
}
