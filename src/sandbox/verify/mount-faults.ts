import { posix } from 'node:path';

/** What a box is to show. */
export interface ExpectedMounts {
  /** Paths in the box; nothing else is mounted but what is below one of them. */
  readonly shown: readonly string[];
  /** Those that may be written to, with all that is below them. */
  readonly writable: readonly string[];
}

/**
 * What a box shows that it must not, or lets write to, in words.
 *
 * @param mountinfo `/proc/<pid>/mountinfo` of a process in it (proc(5))
 */
export function mountFaults(mountinfo: string, expected: ExpectedMounts): string[] {
  const isBelow = (path: string, places: readonly string[]) =>
    places.some((place) => path === place || path.startsWith(`${place}/`));
  const shown = expected.shown.map(posix.normalize);
  const writable = expected.writable.map(posix.normalize);
  const mounts = mountinfo.split('\n').filter(Boolean).map(mountOf);
  if (mounts.length === 0) return ['what it shows cannot be read'];
  return mounts.flatMap(({ at, options }) => {
    if (at !== '/' && !isBelow(at, [...shown, ...writable])) return [`it shows ${at}`];
    return options.includes('ro') || isBelow(at, writable) ? [] : [`${at} can be written to`];
  });
}

function mountOf(line: string): { at: string; options: readonly string[] } {
  const [, , , , at = '', options = ''] = line.split(' ');
  return { at: unescaped(at), options: options.split(',') };
}

/** Blanks and the like stand in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
