import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hierarchiesOf } from './mounts.ts';

/**
 * Has the kernel get ready to move a process into another group. The first move after a while waits until every processor has
 * passed a quiet state (measured: 14 ms, whatever the group), those within some 10 ms of it do not. What is moved here is this
 * process, to where it is already. Until that is done nobody on this machine can make a group.
 *
 * @returns when it is done; nobody needs to wait for that, and it never rejects
 */
export async function hurryMoves(): Promise<void> {
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    const [hierarchy] = hierarchiesOf(mounts, readFileSync('/proc/self/cgroup', 'utf8'));
    if (hierarchy === undefined) return;
    await writeFile(join(hierarchy.own, 'cgroup.procs'), String(process.pid), { flag: 'r+' });
  } catch {
    // all it does is save time
  }
}
