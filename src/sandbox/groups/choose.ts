import { readFileSync } from 'node:fs';
import type { GroupDriver } from './driver.ts';
import { hierarchiesOf } from './mounts.ts';
import { noGroups } from './none.ts';
import { version1 } from './version-1.ts';

/** The control groups that this process may use for its boxes. */
export function chooseGroups(): GroupDriver {
  const hierarchies = hierarchiesOf(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
  );
  const first = version1(hierarchies);
  if (first.holds.size > 0) return first;
  return noGroups('this user may not make control groups here');
}
