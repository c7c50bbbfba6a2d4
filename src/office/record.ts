import { readFile, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomic } from '../kit/index.ts';

const officeRecord = z.object({
  pid: z.number().int(),
  /** Tells the process from a later one with its pid (`startTimeOf`); null where the system does not say. */
  start_time: z.number().nullable().default(null),
  node_url: z.string(),
  gateway_url: z.string(),
  supervisor_url: z.string(),
  version: z.string(),
  started_at: z.string(),
  /** It has been told to end, and does as soon as what was asked is answered. */
  closing: z.boolean().default(false),
  /** A service manager listens for the node, and opens the office again when somebody comes. */
  passed_listener: z.boolean().default(false),
});

/** What `TABBIFY_HOME/office.json` says of the office that is (or was) open there: how the CLI on this machine finds it. */
export type OfficeRecord = z.infer<typeof officeRecord>;

/** Writes the record once every part answers. */
export async function writeOfficeRecord(file: string, record: OfficeRecord): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(record, null, 2)}\n`);
}

/** The record, or null when there is none or it cannot be read as one. */
export async function readOfficeRecord(file: string): Promise<OfficeRecord | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return officeRecord.parse(JSON.parse(text));
  } catch {
    return null; // a foreign or half-written file is no office
  }
}

/**
 * Removes the record, if it is this process's own. The next office may be writing its own just now: what was taken away and
 * turns out to be that is put back.
 */
export async function removeOfficeRecord(file: string): Promise<void> {
  const aside = `${file}.${process.pid}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const record = await readOfficeRecord(aside);
  if (record?.pid === process.pid) await rm(aside, { force: true });
  else await rename(aside, file);
}
