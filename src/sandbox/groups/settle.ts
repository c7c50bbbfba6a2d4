import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { processesIn, readGroupFile } from './folder.ts';
import { LEAF_VERSIONS } from './lack.ts';
import { type Hierarchy, isOfService, OFFICE_LEAF } from './mounts.ts';
import { handAllOn, isOurs, isWithin } from './version-2.ts';

/** A scope that somebody made for an office: all that runs in it is the office's. */
const SCOPE_OF_OFFICE = /^tabbify[^/]*\.scope$/;

/**
 * Hands the controllers of an office's own group on to the groups of its boxes, and has its processes leave that group for a leaf
 * first, where nobody started them in one.
 *
 * @param systemdVersion asked only where it matters
 */
export async function settleIn(
  { own, top }: Hierarchy,
  isRoot: boolean,
  systemdVersion: () => Promise<number | null>,
): Promise<void> {
  if (readGroupFile(own, 'cgroup.controllers') === '') return;
  const above = dirname(own);
  if (basename(own) === OFFICE_LEAF && own !== top) {
    const isFree = !isOfService(above) || isAmong(await systemdVersion());
    if (isFree && isOurs(above) && processesIn(above).length === 0) handAllOn(above);
    return;
  }
  const isWhole = SCOPE_OF_OFFICE.test(basename(own)) || (isRoot && own === top && isWithin(top));
  if (isWhole && isOurs(own) && moveToLeaf(own)) handAllOn(own);
}

function isAmong(version: number | null): boolean {
  const [first, last] = LEAF_VERSIONS;
  return version !== null && version >= first && version <= last;
}

/** @returns false: somebody is still in it */
export function moveToLeaf(group: string): boolean {
  const leaf = join(group, OFFICE_LEAF);
  try {
    mkdirSync(leaf, { recursive: true });
    // Who has gone meanwhile cannot be moved; who was started meanwhile is found by the next look.
    for (let look = 0; look < 10; look++) {
      const inside = processesIn(group);
      if (inside.length === 0) return true;
      for (const pid of inside) enter(leaf, pid);
    }
  } catch {
    // not ours after all
  }
  return false;
}

function enter(leaf: string, pid: number): void {
  try {
    writeFileSync(join(leaf, 'cgroup.procs'), String(pid), { flag: 'r+' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
