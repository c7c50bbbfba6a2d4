import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, type ProcessIdentity, startTimeOf } from '../process-identity.ts';

/** Folder that the files of a test run borrow from, while there is a run: its set-up makes it and says it to all its processes. */
export const LENDER = 'TABBIFY_TEST_LENDER';

/**
 * A folder of the test run that is made by whoever needs it first; others that need it meanwhile wait. What lies in it is for all: it is
 * read, copied, or a cache whose own keys say what may be taken.
 *
 * @param name of the folder; says all that decides what is in it and may be another within one run
 * @param make is given an empty folder
 * @returns null when there is no run to borrow from
 * @throws what `make` throws; the next one tries again
 */
export async function madeOnce(
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<string | null> {
  const lender = process.env[LENDER];
  if (lender === undefined) return null;
  const folder = join(lender, name);
  const lock = join(lender, `.making-${name}`);
  while (!existsSync(folder)) {
    if (await isTaken(lock)) await makeIn(lender, folder, make).finally(() => rm(lock, { force: true }));
    else await delay(50);
  }
  return folder;
}

async function makeIn(
  lender: string,
  folder: string,
  make: (folder: string) => Promise<void>,
): Promise<void> {
  if (existsSync(folder)) return; // the one before us was done between our look and our lock
  const coming = await mkdtemp(join(lender, '.coming-'));
  try {
    await make(coming);
    await rename(coming, folder);
  } catch (error) {
    await rm(coming, { recursive: true, force: true });
    throw error;
  }
}

/** Is the lock ours now? That of a process that was killed is removed. */
async function isTaken(lock: string): Promise<boolean> {
  const { pid } = process;
  const own: ProcessIdentity = { pid, start_time: startTimeOf(pid) };
  try {
    await writeFile(lock, JSON.stringify(own), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const text = await readFile(lock, 'utf8').catch(() => '');
  if (text !== '' && !isAlive(JSON.parse(text) as ProcessIdentity)) await rm(lock, { force: true });
  return false;
}
