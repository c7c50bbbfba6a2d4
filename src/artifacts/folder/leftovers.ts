import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A temporary thing older than this has no writer any more, whoever has its process number now. */
const MAX_AGE_MS = 24 * 3600 * 1000;

/** A name for something unfinished, from which can be told whether its writer still runs: `<before><pid>.<uuid>`. */
export function unfinishedName(before = ''): string {
  return `${before}${process.pid}.${randomUUID()}`;
}

/**
 * Removes what writers that were killed have left in a folder; what a running process is writing stays.
 *
 * @param before the beginning that was given to `unfinishedName`
 */
export async function removeLeftovers(folder: string, before = ''): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(before)) continue;
    const pid = /^(\d+)\.[0-9a-f-]{36}$/.exec(name.slice(before.length))?.[1];
    if (pid === undefined) continue;
    const path = join(folder, name);
    const writtenAt = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => null, // its writer has just finished
    );
    if (writtenAt !== null && isAbandoned(Number(pid), writtenAt)) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

function isAbandoned(pid: number, writtenAtMs: number): boolean {
  const now = Date.now();
  if (now - writtenAtMs > MAX_AGE_MS) return true;
  // In a container every life of the office may have the same number: what is older than this life is not ours.
  if (pid === process.pid) return writtenAtMs < now - process.uptime() * 1000;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
