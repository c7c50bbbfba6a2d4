import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { logError } from '../errors.ts';
import { LogHeld, lockLog } from '../sqlite/lock.ts';
import { checkBlobs } from './blobs.ts';
import { createChainCheck, type Group, mostEvents, readGroups } from './chain.ts';
import { createDerivedCheck } from './derived.ts';
import { mismatch, readKnown } from './known.ts';
import { createFindings, type DamagedEvent, type LogReport, type Progress } from './report.ts';
import { eventOf } from './row-check.ts';
import { structureFindings } from './structure.ts';
import { openTolerant, type TolerantFile } from './tolerant.ts';

export interface VerifyOptions {
  /** Folder of the blobs; default `blobs` beside the file. */
  readonly blobs?: string;
  readonly onProgress?: (progress: Progress) => void;
}

/** Rows read at once. */
const BATCH = 512;
const MOST_DAMAGED = 10_000;

/**
 * Reads a log that no process has open from end to end and says what is not as it was written: every body against its
 * digest, every commit against the hash chain, what is derived against the events, the file against what SQLite and
 * this format allow, every blob against its name. Damage is reported, never thrown, and nothing is changed.
 *
 * @throws TabbifyError `log_in_use` when a process has it open
 */
export async function verifyLog(file: string, options: VerifyOptions = {}): Promise<LogReport> {
  const unlock = lockOrRefuse(file);
  const opened = openTolerant(file);
  try {
    return await verifyOpened(file, opened, options);
  } finally {
    opened.close();
    unlock();
  }
}

async function verifyOpened(path: string, file: TolerantFile, options: VerifyOptions): Promise<LogReport> {
  const findings = createFindings(100);
  for (const finding of structureFindings(path, file)) findings.add(finding);
  const directory = options.blobs ?? join(dirname(path), 'blobs');
  if (file.db === null) {
    return {
      head: 0,
      events: 0,
      damaged: [],
      damagedCount: 0,
      structure: findings.list,
      chain: { brokenAt: 1 },
      blobs: { checked: 0, damaged: [], missing: [] },
    };
  }
  const known = readKnown(file);
  for (const finding of known.damaged) findings.add(finding);
  const { groups, damaged: groupsDamaged } = readGroups(file, mostEvents(path));
  if (groupsDamaged !== null) findings.add(`the table of commits cannot be read: ${groupsDamaged}`);
  const head = headOf(file, groups);
  const chain = createChainCheck(groups);
  const derived = createDerivedCheck(file, known, findings.add);
  const damaged: DamagedEvent[] = [];
  let damagedCount = 0;
  for (let from = 1; from <= head; from += BATCH) {
    const to = Math.min(head, from + BATCH - 1);
    const rows = file.rows(from, to);
    for (let position = from; position <= to; position++) {
      const row = rows.get(position);
      const event = eventOf(row);
      if (row === undefined || typeof event === 'string') {
        damagedCount++;
        if (damaged.length < MOST_DAMAGED) damaged.push({ position, why: String(event) });
        chain.add(position, null);
        derived.see(position, head, undefined, null);
        continue;
      }
      const wrong = mismatch(row, event, known);
      if (wrong !== null) findings.add(`event ${position} is whole, but ${wrong} is kept otherwise`);
      chain.add(position, row.digest);
      derived.see(position, head, row, event);
    }
    options.onProgress?.({ position: to, head });
    await turn();
  }
  derived.end(damagedCount === 0);
  return {
    head,
    events: head - damagedCount,
    damaged,
    damagedCount,
    structure: findings.list,
    chain: chain.end(),
    blobs: await checkBlobs(file, directory),
  };
}

/** The largest position that any table still knows of. */
export function headOf(file: TolerantFile, groups: readonly Group[]): number {
  const lastOfGroups = groups.at(-1)?.last ?? 0;
  if (lastOfGroups > 0) return lastOfGroups; // what no commit covers is not believed
  const known = ['SELECT max(position) AS head FROM events', 'SELECT count(*) AS head FROM events'].map(
    (sql) => Number(file.all(sql).rows[0]?.head ?? 0),
  );
  return Math.min(...known);
}

export function lockOrRefuse(file: string): () => void {
  try {
    return lockLog(file, process.pid);
  } catch (error) {
    if (!(error instanceof LogHeld)) throw error;
    throw logError('log_in_use', {
      what: `The log ${file} cannot be looked at`,
      why: `process ${error.pid ?? '(unknown)'} has it open`,
      hint: 'Stop that office with `tabbify down`, then try again',
      cause: error,
    });
  }
}
