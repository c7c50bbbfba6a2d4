import { readdirSync, readFileSync } from 'node:fs';

/** `O_CLOEXEC` in `/proc/<pid>/fdinfo/<fd>` (proc(5)): octal, the same on x86_64 and arm64. */
const CLOSE_ON_EXEC = 0o2000000;

/**
 * Descriptors of this process that every child of it inherits, from `first` on: node closes what it opened itself, but not what
 * it was started with. A box must not get them.
 */
export function inheritedDescriptors(first: number): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => fd >= first && isInherited(fd));
}

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false; // it was the one that listed them
  }
}
