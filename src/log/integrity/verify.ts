import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { checkBlobs } from './blobs.ts';
import { createChainCheck, mostEvents, readGroups } from './chain.ts';
import { createDerivedCheck } from './derived.ts';
import { headOf } from './head.ts';
import { mismatch, readKnown } from './known.ts';
import { isOpen, lockOrRefuse } from './lock.ts';
import { createFindings, type DamagedEvent, type LogReport, type Progress } from './report.ts';
import { eventOf } from './row-check.ts';
import { structureFindings } from './structure.ts';
import { openTolerant, type TolerantFile } from './tolerant.ts';

export interface VerifyOptions {
  /** Folder of the blobs; default `blobs` beside the file. */
  readonly blobs?: string;
  /** A process may have it open: it is read as it is at the beginning, what is written meanwhile is left out. */
  readonly whileOpen?: boolean;
  readonly onProgress?: (progress: Progress) => void;
}

/** Rows read at once. */
const BATCH = 512;
const MOST_DAMAGED = 10_000;

/**
 * Reads a log from end to end and says what is not as it was written: every body against its
 * digest, every commit against the hash chain, what is derived against the events, the file against what SQLite and
 * this format allow, every blob against its name. Damage is reported, never thrown, and nothing is changed.
 *
 * @throws TabbifyError `log_in_use` when a process has it open and `whileOpen` was not said
 */
export async function verifyLog(file: string, options: VerifyOptions = {}): Promise<LogReport> {
  const unlock = options.whileOpen && isOpen(file) ? null : lockOrRefuse(file);
  const opened = openTolerant(file);
  if (unlock === null) opened.db?.exec('BEGIN'); // one view of it to the end, whatever is appended or erased
  try {
    return await verifyOpened(file, opened, options, unlock === null);
  } finally {
    opened.close();
    unlock?.();
  }
}

async function verifyOpened(
  path: string,
  file: TolerantFile,
  options: VerifyOptions,
  written: boolean,
): Promise<LogReport> {
  const findings = createFindings(100);
  for (const finding of structureFindings(path, file, written)) findings.add(finding);
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
  const head = headOf(file, groups.at(-1)?.last ?? 0);
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
