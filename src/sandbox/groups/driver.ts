import type { BoxBounds, BoxLack } from '../box.ts';

/** What a kind of control group bounds. */
export type GroupBound = 'memory' | 'cpu' | 'tasks';

/** The control groups of one box. Folders in a file system of the kernel: every call is one read or write of memory. */
export interface BoxGroups {
  /** Their folders; there from `create` on. */
  readonly paths: readonly string[];
  /** What they bound. */
  readonly holds: ReadonlySet<GroupBound>;
  /** @throws when a bound cannot be set */
  create(bounds: BoxBounds): void;
  /** Puts a process in, with all that it will start. @throws when it is not in all of them afterwards */
  enter(pid: number): Promise<void>;
  /**
   * Sets how much of the CPU it gets where there is not enough for all. A hint: a kernel that cannot do so does without.
   *
   * @param weight as `CPU_WEIGHT`
   */
  weigh(weight: number): void;
  /** Sets other bounds. @throws when one of them cannot be set, e.g. because more memory is in use */
  bound(bounds: BoxBounds): void;
  /** What is not as it must be for this process, in words; read from the kernel. */
  faults(pid: number, bounds: BoxBounds): string[];
  /** Processes that the kernel has ended because they were at the bound of memory. */
  memoryKills(): number;
  /** Milliseconds of CPU that all in them have used; null: they do not count it. */
  cpuMs(): number | null;
  /** Bytes; null: they do not count them. */
  memoryBytes(): number | null;
}

/** One way of this machine to bound what boxes use. */
export interface GroupDriver {
  readonly holds: ReadonlySet<GroupBound>;
  /** Why it does not hold all, and what helps; null: it does. */
  readonly lack: BoxLack | null;
  /**
   * The groups of one box, not made yet.
   *
   * @param name e.g. `tabbify-0a1b2c/7`: the group of boxes that it is among, and its own
   * @param among weight of all boxes in that group together
   */
  of(name: string, among?: number): BoxGroups;
  /** Folders of the groups that there are below this one. @param name e.g. `tabbify-0a1b2c` */
  below(name: string): string[];
  /** Folders of all offices' groups, and of trials. */
  offices(): string[];
}

/** A bound as a file of a group takes it. */
export interface GroupFile {
  readonly file: string;
  readonly value: string;
  /** A kernel without the file does without it; it bounds nothing that `holds` tells of. */
  readonly optional?: boolean;
  /** On the way to what a later entry of the same file says. */
  readonly passing?: boolean;
}

/** How much of the CPU processes get against each other, as control groups of version 2 count it: 100 is what anybody has. */
export const CPU_WEIGHT = { ordinary: 100, tools: 33, waiting: 20 } as const;

/** The period over which a share of the CPU is counted, in microseconds: the kernel's default (sched-bwc). */
export const CPU_PERIOD_US = 100_000;
/** The kernel takes no quota below a millisecond. */
const LEAST_QUOTA_US = 1_000;

/** Microseconds of CPU in a period. */
export function cpuQuotaUs(cpus: number): number {
  return Math.max(LEAST_QUOTA_US, Math.round(cpus * CPU_PERIOD_US));
}

/** Bounds of memory are whole pages. */
const PAGE_BYTES = 4096;

/** As the kernel keeps it; on a machine with larger pages, less. */
export function wholePages(bytes: number): number {
  return Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES;
}

/** Processes that may be in a box: what it may have, and its first process, which is bubblewrap's. */
export function groupTasks(bounds: BoxBounds): number {
  return bounds.tasks + 1;
}
