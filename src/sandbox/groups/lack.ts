import { basename, dirname } from 'node:path';
import type { BoxLack } from '../box.ts';
import { readGroupFile } from './folder.ts';
import { type Hierarchy, isOfService, OFFICE_LEAF } from './mounts.ts';

/**
 * Versions of systemd that start a service in its leaf at once. Before them there is no `DelegateSubgroup=`; those after start it in the
 * group above first, which the kernel refuses (EBUSY) as long as apps of the office before live in groups beside that leaf.
 */
export const LEAF_VERSIONS: readonly [first: number, last: number] = [254, 256];

const DOCS = 'docs/sandbox.md, "Limits for an ordinary user"';
const SCOPE = 'systemd-run --user --scope --unit=tabbify -p Delegate=yes npm start';

/** Why this process may make no control groups for its boxes, and what helps. */
export function whyNoGroups(hierarchies: readonly Hierarchy[], isRoot: boolean): BoxLack {
  const unified = hierarchies.find(({ version }) => version === 2);
  if (unified === undefined && hierarchies.length === 0) {
    return {
      why: 'no control groups are mounted here',
      hint: 'A container needs them, to write to; or run the office outside of it.',
    };
  }
  if (unified === undefined || readGroupFile(unified.top, 'cgroup.controllers') === '') {
    return {
      why: isRoot
        ? 'control groups of version 1 cannot be made here'
        : 'control groups of version 1 are for root alone',
      hint: isRoot
        ? 'Mount memory, cpu, cpuacct and pids below /sys/fs/cgroup, to write to.'
        : `Run the office as root, or have the machine use version 2 alone (systemd.unified_cgroup_hierarchy=1): ${DOCS}.`,
    };
  }
  if (isRoot) {
    return {
      why: 'the control groups here cannot be written to',
      hint: 'A container needs them to write to; or run the office outside of it.',
    };
  }
  if (isLeafOfService(unified)) {
    return {
      why: `systemd hands no control groups on to a service that outlives its restart (it can from ${LEAF_VERSIONS.join(' to ')})`,
      hint: `Start the office in a scope: ${SCOPE}; or run it as root. See ${DOCS}.`,
    };
  }
  return {
    why: 'no control group is delegated to this user',
    hint: `Start the office in a scope: ${SCOPE}; or as a service of systemd ${LEAF_VERSIONS.join(' to ')}; or run it as root. See ${DOCS}.`,
  };
}

/** Which controllers are missing from a group that is delegated. */
export function whyNotAll(missing: readonly string[]): BoxLack {
  const names = missing.join(', ');
  return {
    why: `the office's control group has no ${names}`,
    hint: `Whoever delegates it has to hand them on; to a user's own services: [Service] Delegate=cpu memory pids, in a drop-in of user@.service. See ${DOCS}.`,
  };
}

function isLeafOfService({ own, top }: Hierarchy): boolean {
  return isOfService(own) || (own !== top && basename(own) === OFFICE_LEAF && isOfService(dirname(own)));
}
