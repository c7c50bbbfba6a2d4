import { accessSync, constants, readFileSync } from 'node:fs';
import { type Hierarchy, hierarchiesOf } from '../mounts.ts';

/** The hierarchy of version 2 of this machine, where these tests may make groups in it. */
export function unifiedHere(): Hierarchy | undefined {
  return hierarchiesOf(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
  ).find(({ version, top }) => version === 2 && isWritable(top));
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
