/**
 * The only reasons for which a test may be skipped. `npm test` installs what it can; on CI nothing may be missing,
 * and a missing requirement fails instead of skipping.
 */
const REQUIREMENTS = {
  prlimit:
    'prlimit bounds a process: its memory, or its files, to see a log without room (Debian package util-linux)',
  secondFileSystem: '/dev/shm is a file system of its own, to see a rename across file systems refused',
  clang: 'clang and lld rebuild examples/tiny from its source (Debian packages clang-14 and lld-14)',
  cCompiler:
    'a C compiler builds the library that slows fsync down, and the program that makes system calls (Debian package clang-14)',
  chromium: 'Chromium signs in and opens private apps (Debian package chromium-headless-shell)',
  bubblewrap: 'bubblewrap puts processes into boxes of their own (Debian package bubblewrap)',
  root: 'root runs the tests, to see an office of root, whose boxes have users of their own',
  controlGroups:
    'boxes get control groups of their own, to see a bound of memory or tasks hit (docs/sandbox.md)',
  systemd:
    'systemd-analyze and systemd-notify (Debian package systemd), and perl, see the office as a service',
} as const;

export type Requirement = keyof typeof REQUIREMENTS;

/**
 * May a test that needs this be skipped here?
 *
 * @param present whether the machine has what is required
 * @throws on CI when it has not
 */
export function skipWithout(requirement: Requirement, present: boolean): boolean {
  if (present) return false;
  if (process.env.CI) throw new Error(`missing on CI: ${REQUIREMENTS[requirement]}`);
  return true;
}
