import { makeSample } from '../damage/sample.ts';
import type { Drill } from '../drill.ts';
import { seeded } from '../random.ts';
import { flipInBlob, flipInDatabase } from './file.ts';
import { flipInHome, HOME_CASES, makeHome } from './home.ts';

/** Bits of every file that the office keeps turn over. */
export const flip: Drill = {
  name: 'flip',
  what: 'bits of the database, of blobs, snapshots, projections and keys turn over',
  async run({ rounds, seed, say }) {
    const wanted = rounds ?? 200;
    const random = seeded(seed);
    await using sample = await makeSample(120, random, true);
    await using home = await makeHome(random);
    let seen = 0;
    let unused = 0;
    const cases = Object.keys(HOME_CASES);
    for (let round = 1; round <= wanted; round++) {
      if (round % 4 === 0) await flipInHome(cases[(round / 4) % cases.length] ?? '', home, random);
      else if (random.int(1, 6) === 1) await flipInBlob(sample, random);
      else if (await flipInDatabase(sample, random.pick([1, 1, 1, 2, 10, 100]), random)) seen += 1;
      else unused += 1;
      if (round % 50 === 0) say(`flip: ${round} of ${wanted}`);
    }
    return { rounds: wanted, seen: `${seen} seen, ${unused} hit nothing in use, none gave another content` };
  },
};
