import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { skipWithout } from '../../test/requirements.ts';
import type { BoxSpec } from './box.ts';
import { chooseGroups } from './groups/choose.ts';
import { readGroupFile } from './groups/folder.ts';
import { findPrograms } from './launch/programs.ts';
import { openBox } from './open-box.ts';
import { readRecords, recordPlace } from './records/record-files.ts';
import { nodeBox, temporaryHome } from './testing/box-of.ts';

/** What 100 of version 2 is. */
const SHARES = 1024 / 100;

/** A box that does nothing, and what the kernel says of its weight: its own, and that of all boxes of its kind together. */
async function weighed(more: Partial<BoxSpec>) {
  const home = temporaryHome();
  const box = await openBox(nodeBox(home, 'setInterval(() => {}, 1000)', more));
  onTestFinished(async () => void (await box.kill()));
  const [record] = readRecords(recordPlace({ home }));
  const weights = () => {
    for (const group of record?.groups ?? []) {
      for (const [file, unit] of [
        ['cpu.weight', 1],
        ['cpu.shares', SHARES],
      ] as const) {
        const [own, among] = [group, dirname(group)].map((path) => readGroupFile(path, file));
        if (own) return [own, among].map((text) => Math.round(Number(text) / unit));
      }
    }
    return null;
  };
  return { box, weights, inside: readFileSync(join('/proc', String(box.pid), 'cgroup'), 'utf8'), record };
}

const canWeigh = findPrograms().bwrap !== undefined && chooseGroups().holds.has('cpu');

describe.skipIf(skipWithout('bubblewrap', findPrograms().bwrap !== undefined))('a box', () => {
  if (!canWeigh) return;

  it('gets as much of the CPU as anybody', async () => {
    const { weights } = await weighed({});
    expect(weights()).toEqual([100, 100]);
  });

  it('lets others go first until it is to hurry, when nobody waits for it', async () => {
    const { box, weights } = await weighed({ canWait: true });
    expect(weights()).toEqual([20, 100]);
    box.hurry();
    expect(weights()).toEqual([100, 100]);
    await box.kill();
    expect(() => box.hurry()).not.toThrow();
  });

  it('always lets them when it is of a tool, which is in a group of tools', async () => {
    const { weights, inside } = await weighed({ profile: 'tool' });
    expect(weights()).toEqual([100, 33]);
    expect(inside).toMatch(/\/tabbify-[0-9a-f]{12}-tools\/\d+$/m);
  });
});
