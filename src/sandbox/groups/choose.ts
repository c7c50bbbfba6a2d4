import { readFileSync } from 'node:fs';
import { messageOf } from '../../kit/index.ts';
import type { BoxBounds } from '../box.ts';
import type { GroupDriver } from './driver.ts';
import { removeGroup } from './folder.ts';
import { hierarchiesOf } from './mounts.ts';
import { noGroups } from './none.ts';
import { version1 } from './version-1.ts';
import { version2 } from './version-2.ts';

let chosen: { readonly where: string; readonly driver: GroupDriver } | null = null;

/** The control groups that this process may use for its boxes; one has been made and bounded, to see that it can be done. */
export function chooseGroups(): GroupDriver {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  const groups = readFileSync('/proc/self/cgroup', 'utf8');
  const where = `${mounts}\n${groups}`;
  if (chosen?.where !== where) {
    const hierarchies = hierarchiesOf(mounts, groups);
    const first = version1(hierarchies);
    const found = first.holds.size > 0 ? first : version2(hierarchies, process.getuid?.() === 0);
    chosen = {
      where,
      driver: found === null ? noGroups('this user may not make control groups here') : tried(found),
    };
  }
  return chosen.driver;
}

const TRIAL: BoxBounds = { memoryBytes: 64 << 20, cpus: 0.1, tasks: 8, tmpBytes: 0, openFiles: 0 };

function tried(driver: GroupDriver): GroupDriver {
  const groups = driver.of(`tabbify-trial-${process.pid}/0`);
  try {
    groups.create(TRIAL);
    return driver;
  } catch (error) {
    return noGroups(`control groups do not work here: ${messageOf(error)}`);
  } finally {
    groups.paths.forEach(removeGroup);
  }
}
