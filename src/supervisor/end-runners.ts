import { setTimeout as wait } from 'node:timers/promises';
import { endAllData } from '../data/index.ts';
import { isAlive } from '../kit/index.ts';
import { watchAdopted } from './live-runner.ts';
import { type FoundRecord, findRecords, noteEnding, type RunnerRecord } from './runner-record.ts';

/** A runner that was ended. */
export interface EndedRunner {
  readonly app: string;
  readonly pid: number;
}

/** Milliseconds that requests under way get; afterwards the runner is killed. */
const GRACE_MS = 10_000;
const POLL_MS = 20;

/**
 * Ends the runners of a home, whichever supervisor of it started them, once nobody watches them any more: what is asked of
 * them at the moment is answered. What the apps should be stays as it is, so the next start runs those that are always on.
 * What serves their data ends after them; the data stays. Only a process that is certainly the recorded one is touched.
 *
 * @param reason told to the log at the next start
 */
export async function endRunners(home: string, reason: string): Promise<readonly EndedRunner[]> {
  const ended = await Promise.all((await findRecords(home)).map((found) => end(found, reason)));
  await endAllData(home); // they answer apps: these have gone
  return ended.filter((record) => record !== null).map(({ app, pid }) => ({ app, pid }));
}

async function end(found: FoundRecord, reason: string): Promise<RunnerRecord | null> {
  const { record } = found;
  if (record === null || !isAlive(record)) return null;
  await noteEnding(found.path, record, reason);
  const runner = watchAdopted(record);
  const stopped = runner.stop(GRACE_MS);
  while (runner.isAlive()) await wait(POLL_MS); // by a timer that holds a command open until then
  await stopped;
  return record;
}
