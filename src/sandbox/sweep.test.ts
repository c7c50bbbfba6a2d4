import { existsSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import { startTimeOf } from '../kit/index.ts';
import type { Box } from './box.ts';
import { findPrograms } from './launch/programs.ts';
import { openBox } from './open-box.ts';
import { readRecords, recordPlace, updateRecord } from './records/record-files.ts';
import { sweepBoxes } from './sweep.ts';
import { nodeBox, temporaryHome } from './testing/box-of.ts';

async function boxIn(home: string): Promise<Box> {
  const box = await openBox(nodeBox(home, 'setInterval(() => {}, 1000)'));
  onTestFinished(async () => void (await box.kill()));
  return box;
}

const lives = (box: Box) => startTimeOf(box.pid) !== null;

describe.skipIf(skipWithout('bubblewrap', findPrograms().bwrap !== undefined))('a sweep', () => {
  it('ends boxes that nobody owns, removes what they left, and touches no other office', async () => {
    const [home, other] = [temporaryHome(), temporaryHome()];
    const [left, kept, others] = [await boxIn(home), await boxIn(home), await boxIn(other)];
    const place = recordPlace({ home });
    const record = readRecords(place).find(({ init }) => init?.pid === left.pid);
    if (record === undefined) throw new Error('no record');
    updateRecord(place, { ...record, owner: { pid: process.pid, start_time: 1 } }); // a process that is no more
    expect(await sweepBoxes({ home })).toBe(1);
    expect([lives(left), lives(kept), lives(others)]).toEqual([false, true, true]);
    expect(record.groups.filter(existsSync)).toEqual([]);
    expect(readRecords(place).map(({ init }) => init?.pid)).toEqual([kept.pid]);
  });

  it('ends nothing that is owned', async () => {
    const home = temporaryHome();
    const box = await boxIn(home);
    expect(await sweepBoxes({ home })).toBe(0);
    expect(lives(box)).toBe(true);
    await box.verify();
    expect(await sweepBoxes({ home }, () => false)).toBe(1);
    expect((await box.ended).signal).toBe('SIGKILL');
  });

  it('ends boxes whose record somebody removed', async () => {
    const home = temporaryHome();
    const [lost, kept] = [await boxIn(home), await boxIn(home)];
    const records = readRecords(recordPlace({ home }));
    const slot = records.find(({ init }) => init?.pid === lost.pid)?.slot;
    rmSync(join(home, 'boxes', `${slot}.json`));
    expect(await sweepBoxes({ home })).toBe(1);
    expect([lives(lost), lives(kept)]).toEqual([false, true]);
  });

  it('removes what was begun long ago, and what is no record', async () => {
    const home = temporaryHome();
    const { boxes } = recordPlace({ home });
    for (const name of ['old.tmp', 'new.tmp', '7.json']) writeFileSync(join(boxes, name), '{');
    utimesSync(join(boxes, 'old.tmp'), 1, 1);
    expect(await sweepBoxes({ home })).toBe(0);
    expect(readdirSync(boxes)).toEqual(['new.tmp']);
  });

  it('has nothing to do where no box ever was', async () => {
    const home = temporaryHome();
    expect(await sweepBoxes({ home })).toBe(0);
    expect(readdirSync(home)).toEqual([]);
  });
});
