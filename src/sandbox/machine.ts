import { sandboxError } from './errors.ts';
import { chooseGroups } from './groups/choose.ts';
import type { GroupDriver } from './groups/driver.ts';
import { findPrograms, type Programs } from './launch/programs.ts';
import { hasSeccompFilter } from './seccomp/index.ts';

/** What boxes are built with on this machine, by this user. */
export interface Machine {
  readonly programs: Programs;
  readonly groups: GroupDriver;
  /** Then each box has a uid of its own. */
  readonly isRoot: boolean;
}

/** @throws TabbifyError `box_unavailable` when something is missing without which there is no box */
export function thisMachine(programs: Partial<Programs> = findPrograms()): Machine {
  if (process.platform !== 'linux') throw unavailable(`it runs ${process.platform}`, 'Boxes need Linux.');
  if (!hasSeccompFilter(process.arch)) {
    throw unavailable(`no filter of system calls is known for ${process.arch}`, 'Boxes need x64 or arm64.');
  }
  const { bwrap, prlimit, setpriv, mkfifo } = programs;
  if (bwrap === undefined) {
    throw unavailable(
      'bubblewrap is not installed',
      'Install it: Debian, Fedora and Arch name it `bubblewrap`.',
    );
  }
  if (prlimit === undefined || setpriv === undefined) {
    throw unavailable('prlimit or setpriv is not installed', 'Install the package `util-linux`.');
  }
  if (mkfifo === undefined) throw unavailable('mkfifo is not installed', 'Install the package `coreutils`.');
  const isRoot = process.getuid?.() === 0;
  return { programs: { bwrap, prlimit, setpriv, mkfifo }, groups: chooseGroups(), isRoot };
}

function unavailable(why: string, hint: string) {
  return sandboxError('box_unavailable', { what: 'This machine has no sandbox for apps', why, hint });
}
