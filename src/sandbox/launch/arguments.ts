import type { BoxSpec, ShownFile } from '../box.ts';
import { BOX_DEVICES, BOX_HOSTNAME, BOX_PROFILES, UID_INSIDE } from '../profile.ts';
import { procMask } from '../tool/proc-mask.ts';

/** Numbers of the descriptors that bubblewrap itself takes; the program gets none of them. */
export interface LaunchFds {
  /** It writes there who waits. */
  readonly info: number;
  /** What waits goes on when a byte comes. */
  readonly gate: number;
  /** It reads its arguments there, so that no user of the machine reads paths and environment in the list of processes. */
  readonly arguments: number;
  /** It reads the system-call filter there. */
  readonly filter: number;
}

/** Where the files of a box are for bubblewrap. */
export interface Sources {
  readonly libraries: readonly string[];
  readonly files: readonly ShownFile[];
  readonly writable: readonly ShownFile[];
}

/**
 * Arguments of the bubblewrap that makes the box, but for the program and its own (bwrap(1)).
 *
 * @param spec what is started
 * @param sources its files, at their places in the mount namespace in which bubblewrap starts
 */
export function boxArguments(spec: BoxSpec, sources: Sources, fds: LaunchFds): string[] {
  const profile = BOX_PROFILES[spec.profile];
  const uid = String(UID_INSIDE);
  return [
    ...['--unshare-user', '--disable-userns', '--uid', uid, '--gid', uid],
    ...['--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-cgroup-try'],
    ...['--unshare-uts', '--hostname', BOX_HOSTNAME],
    ...['--cap-drop', 'ALL', '--new-session', '--die-with-parent'],
    ...['--clearenv', ...Object.entries(spec.env).flatMap(([name, value]) => ['--setenv', name, value])],
    ...sources.libraries.flatMap((path) => ['--ro-bind', path, path]),
    ...['--dir', '/dev', ...BOX_DEVICES.flatMap((path) => ['--dev-bind', path, path])],
    ...['--size', String(spec.bounds.tmpBytes), '--tmpfs', '/tmp'],
    ...profile.memory.flatMap(({ path, bytes }) => ['--size', String(bytes), '--tmpfs', path]),
    ...(profile.proc ? ['--proc', '/proc', ...procMask()] : []),
    ...sources.files.flatMap(({ from, to }) => ['--ro-bind', from, to]),
    ...sources.writable.flatMap(({ from, to }) => ['--bind', from, to]),
    ...['--remount-ro', '/', '--chdir', profile.folder],
    ...['--info-fd', String(fds.info), '--block-fd', String(fds.gate)],
    ...['--seccomp', String(fds.filter)],
  ];
}
