import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, signalProcess } from '../../kit/index.ts';
import { killGroup, processesIn } from '../groups/folder.ts';
import type { BoxRecord } from '../records/record.ts';
import { type SeenProcess, seenProcesses } from './processes.ts';

/** Milliseconds between two looks: soon after the signal it is mostly done, and what hangs in the kernel may take long. */
const PAUSES_MS = [1, 2, 4, 8, 16, 32, 64, 100];

/**
 * Milliseconds for which none of a box's processes must show up when its start was cut off: one that is just becoming another program has no
 * environment to be known by.
 */
export const QUIET_MS = 300;

/**
 * Ends a box whose first process is known, and waits until the kernel has ended all that was in it: that happens before its
 * first process becomes a zombie (pid_namespaces(7)). Other processes in its groups are ended as well.
 *
 * @param isOver has somebody else seen it end and cleared up? Then its groups are not looked at any more
 */
export async function endInit(
  record: Pick<BoxRecord, 'groups' | 'init'>,
  isOver: () => boolean = () => false,
): Promise<void> {
  await until(() => {
    if (isOver()) return true;
    const inGroups = record.groups.flatMap(processesIn);
    if (inGroups.length > 0) record.groups.forEach(killGroup);
    for (const pid of inGroups) kill(pid);
    const { init } = record;
    const lives = init !== null && isAlive(init);
    if (lives) signalProcess(init, 'SIGKILL');
    return !lives && inGroups.length === 0;
  });
}

/**
 * Ends all processes that `belongs` names. One that is just being started shows up late, so they must have been gone for a while.
 *
 * @param quietMs milliseconds without any of them
 * @returns how many there were
 */
export async function endSeen(belongs: (seen: SeenProcess) => boolean, quietMs: number): Promise<number> {
  const ended = new Set<string>();
  let quietSince = performance.now();
  await until(() => {
    const found = seenProcesses().filter(belongs);
    for (const one of found) {
      signalProcess(one, 'SIGKILL');
      ended.add(`${one.pid} ${one.start_time}`);
    }
    if (found.length > 0) quietSince = performance.now();
    return found.length === 0 && performance.now() - quietSince >= quietMs;
  });
  return ended.size;
}

/** Resolves when a child has ended, or was never started. */
export async function exitOf(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => child.once('exit', () => resolve()));
}

/** Looks until it is so, less and less often. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let look = 0; !isSo(); look++) await wait(PAUSES_MS[look] ?? PAUSES_MS.at(-1));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended in between
  }
}
