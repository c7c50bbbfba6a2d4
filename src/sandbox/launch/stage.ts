import type { ShownFile } from '../box.ts';
import type { Sources } from './arguments.ts';

/** A mount namespace, made as root, in which all that a box needs stands where the box's own uid can reach it. */
export interface Stage {
  /** Arguments of the bubblewrap that makes it. */
  readonly arguments: readonly string[];
  /** Where things are in it. */
  readonly sources: Omit<Sources, 'libraries'>;
}

/**
 * An office's home is closed to everybody else, so the uid of a box cannot walk to a file below it. Root binds each of them to a
 * name in a `/tmp` that only this box sees.
 */
export function stageOf(sources: Omit<Sources, 'libraries'>): Stage {
  const files = sources.files.map((file, index) => staged(file, `/tmp/r${index}`));
  const writable = sources.writable.map((file, index) => staged(file, `/tmp/w${index}`));
  return {
    arguments: [
      ...['--die-with-parent', '--dev-bind', '/', '/', '--tmpfs', '/tmp'],
      ...files.flatMap(({ file, at }) => ['--ro-bind', file.from, at]),
      ...writable.flatMap(({ file, at }) => ['--bind', file.from, at]),
    ],
    sources: {
      files: files.map(({ file, at }) => ({ from: at, to: file.to })),
      writable: writable.map(({ file, at }) => ({ from: at, to: file.to })),
    },
  };
}

function staged(file: ShownFile, at: string): { file: ShownFile; at: string } {
  return { file, at };
}
