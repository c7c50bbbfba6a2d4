import { join } from 'node:path';
import { type LogReport, openSqliteLog, repairLog, verifyLog } from '../../../src/log/index.ts';
import { flipBit } from '../damage/flip.ts';
import { type Inspected, inspect } from '../damage/inspect.ts';
import { answersOf, copyOf, type Sample } from '../damage/sample.ts';
import { expectKept } from '../drill.ts';
import type { Random } from '../random.ts';

/**
 * Flips bits of a log's database: whatever they hit, no reader is given another content, what is missing was named by
 * the verification, and the rest can be read.
 *
 * @param bits how many
 * @returns whether the flips were seen at all: some hit nothing that is in use
 */
export async function flipInDatabase(sample: Sample, bits: number, random: Random): Promise<boolean> {
  await using copy = await copyOf(sample);
  const where: string[] = [];
  for (let bit = 0; bit < bits; bit++) where.push(await flipBit(copy.file, random));
  const report = await verifyLog(copy.file);
  const found = await inspect(copy.file, sample);
  const sound = isSound(report);
  const lost = lostOf(found, sample);
  expectKept(
    lost.length === 0 || !sound,
    () => `${where}: verified as sound, but ${lost.slice(0, 5)} cannot be read`,
  );
  if (found.kind === 'read') {
    const told = new Set(report.damaged.map(({ position }) => position));
    const untold = [...found.named].filter((position) => !told.has(position));
    expectKept(
      untold.length === 0,
      () => `${where}: reading names ${untold.slice(0, 5)}, the verification does not`,
    );
  }
  if (!sound) await repairFrom(copy.file, sample, where.join());
  return !sound;
}

/** With a copy of before the damage everything is there again, byte by byte. */
async function repairFrom(file: string, sample: Sample, where: string): Promise<void> {
  const result = await repairLog({ file, backup: join(sample.directory, 'log.db') });
  expectKept(result.lost.length === 0, () => `${where}: repaired, but ${result.lost} are called lost`);
  const report = await verifyLog(file);
  expectKept(isSound(report), () => `${where}: not sound after the repair: ${JSON.stringify(report)}`);
  const log = await openSqliteLog({ file });
  const answers = await answersOf(log, sample.blobs).finally(() => log.close());
  expectKept(answers === sample.answers, `${where}: after the repair the log answers otherwise than before`);
}

function isSound({ damagedCount, structure, chain, blobs }: LogReport): boolean {
  const wrong = damagedCount + structure.length + blobs.damaged.length + blobs.missing.length;
  return wrong === 0 && chain === 'ok';
}

function lostOf(found: Inspected, { events }: Sample): number[] {
  const given = found.kind === 'read' ? found.given : new Set<number>();
  return events.map(({ position }) => position).filter((position) => !given.has(position));
}

/** Flips a bit of a blob: it is named, and reading it says so instead of giving other bytes. */
export async function flipInBlob(sample: Sample, random: Random): Promise<void> {
  await using copy = await copyOf(sample);
  const digest = random.pick(sample.blobs);
  const hex = digest.slice('sha256:'.length);
  await flipBit(join(copy.file, '..', 'blobs', 'default', hex.slice(0, 2), hex), random);
  const { blobs } = await verifyLog(copy.file);
  expectKept(
    blobs.damaged.join() === `default/${digest}`,
    () => `${digest} was flipped, named: ${blobs.damaged}`,
  );
  expectKept(blobs.missing.length === 0, () => `named as missing: ${blobs.missing}`);
  const log = await openSqliteLog({ file: copy.file });
  const read = await log.readBlob('default', digest).catch((error: { code?: string }) => error.code);
  await log.close();
  expectKept(read === 'blob_damaged', () => `${digest} was flipped, reading it gives ${String(read)}`);
  await repairFrom(copy.file, sample, digest);
}
