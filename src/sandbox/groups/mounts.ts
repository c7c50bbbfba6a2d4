import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * The leaf that the office is in, below the group that hands controllers on to its boxes: a group that does has no processes itself
 * (cgroups(7), "no internal processes").
 */
export const OFFICE_LEAF = 'office';

/** Is it the group of a service of systemd, which puts the next process of that service into it? */
export function isOfService(folder: string): boolean {
  return basename(folder).endsWith('.service');
}

/** A mounted hierarchy of control groups. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** Of version 1: `memory`, `cpu`, `cpuacct`, `pids` …; version 2 says per group which it has. */
  readonly controllers: readonly string[];
  /** The group that this process is in, as `/proc/<pid>/cgroup` names it. */
  readonly path: string;
  /** Its folder. */
  readonly own: string;
  /** Folder where it is mounted. */
  readonly top: string;
}

/**
 * Which hierarchies there are, and where this process is in them.
 *
 * @param mountinfo `/proc/self/mountinfo` (proc(5))
 * @param groups `/proc/self/cgroup` (cgroups(7))
 */
export function hierarchiesOf(mountinfo: string, groups: string): Hierarchy[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', mountPoint = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    const version = type === 'cgroup' ? 1 : 2;
    const controllers =
      version === 1 ? options.split(',').filter((name) => name !== 'rw' && name !== 'ro') : [];
    const path = groupPath(groups, version, controllers);
    const below = path === null ? null : pathBelow(unescaped(root), path);
    if (path === null || below === null) return [];
    const top = unescaped(mountPoint);
    return [{ version, controllers, top, path, own: below === '' ? top : `${top}/${below}` }];
  });
}

/** `/proc/<pid>/cgroup`; empty when the process is gone. */
export function groupsOfProcess(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}

/** Path of a process's group in the hierarchy that has these controllers; null: in none of them. */
export function groupPath(groups: string, version: 1 | 2, controllers: readonly string[]): string | null {
  for (const line of groups.split('\n')) {
    const [id, names = '', ...path] = line.split(':');
    const here =
      version === 2 ? id === '0' && names === '' : names.split(',').some((one) => controllers.includes(one));
    if (here && (names !== '') === (version === 1)) return path.join(':');
  }
  return null;
}

/** What is behind `root` in `path`; null when it is not below: it is mounted from elsewhere in the hierarchy. */
function pathBelow(root: string, path: string): string | null {
  if (root === '/') return path.slice(1);
  if (path === root) return '';
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : null;
}

/** Blanks and the like stand in octal (proc(5)). */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
