import type { ProcessStatus } from './process-status.ts';

/** Namespaces of its own that every box has (namespaces(7)). */
export const BOX_NAMESPACES = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup'] as const;

/** What one process in a box looks like from outside. */
export interface SeenInside {
  readonly status: ProcessStatus;
  /** By name, what `/proc/<pid>/ns/<name>` leads to; a kernel without such a namespace has no entry. */
  readonly namespaces: Readonly<Record<string, string>>;
  /** `/proc/<pid>/limits`, by name: the hard limits. */
  readonly limits: Readonly<Record<string, string>>;
}

/** What it must look like. */
export interface ExpectedInside {
  readonly uid: number;
  /** As root: it has no other group than that of its uid. */
  readonly ownUid: boolean;
  /** The namespaces of whoever asks. */
  readonly namespaces: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/** What is not as it must be, in words; empty: all is. */
export function faultsOf(seen: SeenInside, expected: ExpectedInside): string[] {
  const { status } = seen;
  return [
    ...(status.seccomp === '2' ? [] : ['no filter decides on its system calls']),
    ...(status.noNewPrivileges === '1' ? [] : ['it may gain privileges']),
    ...capabilityFaults(status),
    ...userFaults(status, expected),
    ...(status.pids.length === 2 ? [] : [`it has ${status.pids.length} pids, not 2`]),
    ...BOX_NAMESPACES.filter((name) => isShared(seen, expected, name)).map(
      (name) => `it has no ${name} namespace of its own`,
    ),
    ...Object.entries(expected.limits).flatMap(([name, value]) =>
      seen.limits[name] === value ? [] : [`${name} is ${seen.limits[name] ?? 'not known'}, not ${value}`],
    ),
  ];
}

function capabilityFaults({ capabilities }: ProcessStatus): string[] {
  const sets = Object.entries(capabilities);
  if (sets.length < 5) return ['its capabilities cannot be read'];
  return sets
    .filter(([, set]) => !/^0+$/.test(set))
    .map(([name, set]) => `it has capabilities: ${name} ${set}`);
}

function userFaults(status: ProcessStatus, { uid, ownUid }: ExpectedInside): string[] {
  const faults: string[] = [];
  if (status.uids.length !== 4 || status.uids.some((one) => one !== uid)) {
    faults.push(`its uid is ${status.uids.join(' ')}, not ${uid}`);
  }
  if (!ownUid) return faults;
  if (status.gids.length !== 4 || status.gids.some((one) => one !== uid)) {
    faults.push(`its gid is ${status.gids.join(' ')}, not ${uid}`);
  }
  if (status.groups.some((one) => one !== uid)) faults.push(`it is in the groups ${status.groups.join(' ')}`);
  return faults;
}

function isShared(seen: SeenInside, expected: ExpectedInside, name: string): boolean {
  const theirs = seen.namespaces[name];
  const ours = expected.namespaces[name];
  return ours !== undefined && (theirs === undefined || theirs === ours);
}
