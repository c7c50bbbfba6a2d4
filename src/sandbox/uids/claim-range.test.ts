import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type RecordPlace, recordPlace } from '../records/record-files.ts';
import { temporaryHome } from '../testing/box-of.ts';
import { claimRange, heldRange } from './claim-range.ts';
import { RANGES, rangeOfUid, slotOfUid, UIDS_PER_OFFICE, uidOf } from './ranges.ts';

function office(home = temporaryHome()): RecordPlace {
  return recordPlace({ home });
}

function registry(): string {
  return join(temporaryHome(), 'uid-ranges');
}

/** As on a machine where no box runs. */
function claim(place: RecordPlace, where: string): number {
  return claimRange(place, where, () => false);
}

it('gives each office a range of its own, and the same one again', () => {
  const where = registry();
  const [first, second] = [office(), office()];
  expect(heldRange(first, where)).toBe(null);
  expect([claim(first, where), claim(second, where), claim(first, where)]).toEqual([0, 1, 0]);
  expect([heldRange(first, where), heldRange(second, where)]).toEqual([0, 1]);
  expect(readdirSync(where).toSorted()).toEqual(['0', '1']);
});

it('takes over the range of a home that is gone, or is another one by now', () => {
  const where = registry();
  const [gone, renewed, stays] = [office(), office(), office()];
  for (const each of [gone, renewed, stays]) claim(each, where);
  rmSync(gone.home, { recursive: true });
  rmSync(renewed.home, { recursive: true });
  mkdirSync(renewed.home);
  expect(claim(office(), where)).toBe(0);
  expect(claim(office(renewed.home), where)).toBe(1);
  expect(claim(stays, where)).toBe(2);
});

it('tells a copy of a home from the home', () => {
  const where = registry();
  const [home, folder] = [office(), temporaryHome()];
  claim(home, where);
  cpSync(home.home, join(folder, 'copy'), { recursive: true });
  expect(claim(office(join(folder, 'copy')), where)).toBe(1);
  renameSync(home.home, `${home.home}-moved`);
  expect(claim(office(`${home.home}-moved`), where)).toBe(0);
  rmSync(`${home.home}-moved`, { recursive: true });
});

it('leaves a range alone in which a box still runs', () => {
  const where = registry();
  const gone = office();
  claim(gone, where);
  rmSync(gone.home, { recursive: true });
  expect(claimRange(office(), where, (range) => range === 0)).toBe(1);
  expect(claim(office(), where)).toBe(0);
});

it('leaves a range alone whose file it cannot read', () => {
  const where = registry();
  mkdirSync(where);
  writeFileSync(join(where, '0'), '{');
  expect(claim(office(), where)).toBe(1);
  expect(readFileSync(join(where, '0'), 'utf8')).toBe('{');
});

it('says what helps when it cannot claim one', () => {
  const file = join(temporaryHome(), 'file');
  writeFileSync(file, '');
  expect(() => claimRange(office(), join(file, 'uid-ranges'))).toThrow(
    expect.objectContaining({ code: 'box_unavailable', hint: expect.stringContaining('writable') }),
  );
});

it('has uids that belong to one range, below what 31 bits hold and above what systems use', () => {
  const range = fc.integer({ min: 0, max: RANGES - 1 });
  const slot = fc.integer({ min: 0, max: UIDS_PER_OFFICE - 1 });
  fc.assert(
    fc.property(range, slot, (at, box) => {
      const uid = uidOf(at, box);
      expect([rangeOfUid(uid), slotOfUid(uid)]).toEqual([at, box]);
      expect(uid).toBeGreaterThanOrEqual(0x7000_0000);
      expect(uid).toBeLessThan(0x7ffe_0000);
    }),
  );
  expect([rangeOfUid(0), rangeOfUid(65_534), rangeOfUid(0x7ffe_0000)]).toEqual([null, null, null]);
  expect(() => uidOf(RANGES, 0)).toThrow('no uid');
  expect(() => uidOf(0, UIDS_PER_OFFICE)).toThrow('no uid');
});
