import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, signalProcess, syncDirectory } from '../../kit/index.ts';
import { readRecord } from '../process/record.ts';
import { appDataFolder } from './layout.ts';

/** Milliseconds for a process to answer what it has taken. */
const GRACE_MS = 3_000;
const LOOK_MS = 10;

/** Ends the process that serves a folder, if there is one; resolves when it is gone. */
export async function endDataProcess(folder: string, graceMs = GRACE_MS): Promise<void> {
  const record = await readRecord(folder);
  if (record === null || record === 'unreadable') return;
  signalProcess(record, graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
  const until = performance.now() + graceMs;
  while (isAlive(record)) {
    if (performance.now() > until) signalProcess(record, 'SIGKILL');
    await wait(LOOK_MS);
  }
}

/** Ends all data processes of a home; the data stays. */
export async function endAllData(home: string): Promise<void> {
  const apps = await foldersIn(join(home, 'data'));
  const folders = await Promise.all(apps.map(foldersIn));
  await Promise.all(folders.flat().map((folder) => endDataProcess(folder)));
}

/** Removes all that an app has stored on this host, in every environment. Doing it again removes what is left. */
export async function removeAppData(home: string, app: string): Promise<void> {
  const folder = appDataFolder(home, app);
  const environments = await foldersIn(folder);
  await Promise.all(environments.map((each) => endDataProcess(each, 0)));
  await rm(folder, { recursive: true, force: true });
  if (environments.length > 0) await syncDirectory(join(home, 'data'));
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((each) => each.isDirectory()).map(({ name }) => join(folder, name));
}
