import type { BoxBounds } from '../box.ts';

/**
 * Bytes of private memory that node needs beside what its program takes: with less than that it does not start, or code that
 * is compiled later finds no room (measured, Node 26.10.0).
 */
const NODE_DATA_BYTES = 640 << 20;

/** A limit of each process in a box; the second line behind control groups, and the first one where there are none. */
export interface ResourceLimit {
  /** Of prlimit(1). */
  readonly option: string;
  /** In `/proc/<pid>/limits`. */
  readonly name: string;
  readonly value: number;
}

/**
 * @param memory whether nothing else bounds memory: then each process in the box may have `memoryBytes` of private memory
 */
export function resourceLimits(bounds: BoxBounds, memory: boolean): ResourceLimit[] {
  const limits = [
    { option: 'core', name: 'Max core file size', value: 0 },
    { option: 'nofile', name: 'Max open files', value: bounds.openFiles },
  ];
  const data = { option: 'data', name: 'Max data size', value: bounds.memoryBytes + NODE_DATA_BYTES };
  return memory ? [...limits, data] : limits;
}

/** As prlimit(1) takes them. */
export function limitOptions(limits: readonly ResourceLimit[]): string[] {
  return limits.map(({ option, value }) => `--${option}=${value}`);
}

/** As `/proc/<pid>/limits` tells them. */
export function limitTexts(limits: readonly ResourceLimit[]): Record<string, string> {
  return Object.fromEntries(limits.map(({ name, value }) => [name, String(value)]));
}
