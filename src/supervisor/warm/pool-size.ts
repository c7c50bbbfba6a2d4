/** What the machine has, in bytes; its control group's bounds where there are some. */
export interface MachineMemory {
  readonly availableBytes: number;
  readonly totalBytes: number;
}

const MIB = 1 << 20;
/** Memory of the machine for each host there may be; a smaller machine's memory is for apps that run. */
const MACHINE_PER_HOST_BYTES = 1_900 * MIB; // what is sold as 2 GiB, less what the kernel keeps
/** More at once wake seldom, and the next one is there half a second after. */
const MOST_BY_MEMORY = 4;
/** While less is available the machine is short, and empty hosts are given back. */
const SHORT_BYTES = 512 * MIB;
/** What must be available beyond that for one more: a host has some 45 MiB, and must not be given back the moment after. */
const ROOM_FOR_ONE_BYTES = 256 * MIB;

/** How many empty hosts are to wait: so many, as long as there is room; `by_memory`: as many as suit the machine. */
export type WarmHosts = number | 'by_memory';

/**
 * How many empty hosts there should be now.
 *
 * @param most what is configured; 0 switches the pool off
 * @param present hosts that there are; they are kept at less memory than is asked for a new one
 */
export function poolSize(most: WarmHosts, present: number, memory: MachineMemory): number {
  if (memory.availableBytes < SHORT_BYTES) return 0;
  const suiting = Math.min(MOST_BY_MEMORY, Math.floor(memory.totalBytes / MACHINE_PER_HOST_BYTES));
  const more = Math.floor((memory.availableBytes - SHORT_BYTES) / ROOM_FOR_ONE_BYTES);
  return Math.min(most === 'by_memory' ? suiting : most, present + more);
}
