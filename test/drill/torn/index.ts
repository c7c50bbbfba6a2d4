import { randomFillSync } from 'node:crypto';
import { truncate } from 'node:fs/promises';
import { type Inspected, inspect } from '../damage/inspect.ts';
import { copyOf, makeSample, type Sample } from '../damage/sample.ts';
import { overwrite, readWal } from '../damage/wal.ts';
import { type Drill, expectKept } from '../drill.ts';
import { type Random, seeded } from '../random.ts';

/** Bytes that are written at once or not at all. */
const SECTOR = 512;

/** Ways in which a write-ahead log ends when the power goes: `cut` is the byte up to which it was written. */
const CUTS: Readonly<Record<string, (wal: string, cut: number, end: number) => Promise<void>>> = {
  'cut off': (wal, cut) => truncate(wal, cut),
  'zeros behind': (wal, cut, end) => overwrite(wal, cut, Buffer.alloc(end - cut)),
  async 'garbage behind'(wal, cut, end) {
    const garbage = randomFillSync(Buffer.alloc(Math.min(end - cut, 20 * SECTOR)));
    await overwrite(wal, cut, garbage);
    await truncate(wal, cut + garbage.length);
  },
};

/** The write-ahead log, or a page that was being copied out of it, is torn as a power cut tears it. */
export const torn: Drill = {
  name: 'torn',
  what: 'the files of the log torn at random places, as a power cut does',
  async run({ rounds, seed, say }) {
    const wanted = rounds ?? 200;
    const random = seeded(seed);
    // one that is all write-ahead log, and one of which most was copied into the database before
    await using young = await makeSample(30, random);
    await using old = await makeSample(300, random);
    let lost = 0;
    for (let round = 1; round <= wanted; round++) {
      const sample = random.pick([young, old]);
      if (random.int(1, 4) === 1) await tearCopiedPages(sample, random);
      else lost += await tearWal(sample, random);
      if (round % 50 === 0) say(`torn: ${round} of ${wanted}`);
    }
    return {
      rounds: wanted,
      seen: `nothing lost that was promised before the cut; ${lost} positions behind it went`,
    };
  },
};

/** @returns how many events lay behind the cut */
async function tearWal(sample: Sample, random: Random): Promise<number> {
  await using copy = await copyOf(sample);
  const wal = await readWal(copy.file);
  expectKept(wal !== null, 'the sample has no write-ahead log');
  const [name, tear] = random.pick(Object.entries(CUTS));
  const sector = random.int(0, wal.end / SECTOR) * SECTOR + random.pick([0, 0, random.int(0, SECTOR - 1)]);
  const cut = Math.min(sector, wal.end);
  await tear(`${copy.file}-wal`, cut, wal.end);
  const found = await inspect(copy.file, sample);
  const where = `write-ahead log of ${wal.end} bytes, ${sample.copied} copied, ${name} at ${cut}`;
  if (cut < sample.copied) return keptOrRefused(where, found, sample);
  expectKept(found.kind === 'read', () => `${where}: ${found.kind === 'refused' ? found.why : ''}`);
  const promised = sample.promisedAt(cut);
  expectKept(found.head >= promised, `${where}: the head is ${found.head}, ${promised} was promised`);
  expectKept(
    found.given.size === found.head,
    `${where}: of ${found.head} events ${found.given.size} are there`,
  );
  return sample.events.length - found.head;
}

/** No power cut does this, a disk that lies may: what it had confirmed is gone. Then all is there, or nothing is opened. */
function keptOrRefused(where: string, found: Inspected, { events }: Sample): number {
  expectKept(
    found.kind === 'refused' || found.given.size === events.length,
    () => `${where}: opened, with ${found.kind === 'read' ? found.given.size : 0} of ${events.length} events`,
  );
  return 0;
}

/** A checkpoint that the power interrupts leaves half a page behind; the write-ahead log still has the whole one. */
async function tearCopiedPages(sample: Sample, random: Random): Promise<void> {
  await using copy = await copyOf(sample);
  const wal = await readWal(copy.file);
  expectKept(wal !== null, 'the sample has no write-ahead log');
  for (const page of wal.pages) {
    const at = (page - 1) * wal.pageSize + random.int(0, wal.pageSize / SECTOR - 1) * SECTOR;
    if (random.int(0, 1) === 1) await overwrite(copy.file, at, randomFillSync(Buffer.alloc(SECTOR)));
  }
  const found = await inspect(copy.file, sample);
  expectKept(
    found.kind === 'read',
    () => `pages torn in a checkpoint: ${found.kind === 'refused' ? found.why : ''}`,
  );
  const { length } = sample.events;
  expectKept(
    found.given.size === length,
    `pages torn in a checkpoint: ${found.given.size} of ${length} are there`,
  );
}
