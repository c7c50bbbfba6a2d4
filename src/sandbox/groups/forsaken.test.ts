import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startChild } from '../../kit/index.ts';
import { temporaryHome } from '../testing/box-of.ts';
import { removeFolder } from './folder.ts';
import { officesIn, removeForsaken } from './forsaken.ts';
import { unifiedHere } from './testing/unified.ts';

const HOUR_MS = 3_600_000;

/** Groups below each other, each of them last changed so long ago. */
function makeAged(top: string, path: string, ageMs: number): string {
  const group = join(top, path);
  mkdirSync(group, { recursive: true });
  const then = (Date.now() - ageMs) / 1000;
  for (let folder = group; folder.length > top.length; folder = join(folder, '..'))
    utimesSync(folder, then, then);
  return group;
}

it('knows groups of offices and trials from all others', () => {
  const top = temporaryHome();
  const ours = ['tabbify-0123456789ab', 'tabbify-trial-17'];
  for (const name of [...ours, 'tabbify', 'tabbify-mine', 'user.slice', 'tabbify-0123456789ab.scope'])
    mkdirSync(join(top, name));
  expect(officesIn(top).sort()).toEqual(ours.map((name) => join(top, name)));
});

it('removes what has not changed for an hour, and nothing younger', () => {
  const top = temporaryHome();
  const old = makeAged(top, 'tabbify-aaaaaaaaaaaa/3', 2 * HOUR_MS);
  const young = makeAged(top, 'tabbify-bbbbbbbbbbbb/3', HOUR_MS / 2);
  removeForsaken(officesIn(top), Date.now());
  expect([existsSync(join(old, '..')), existsSync(young)]).toEqual([false, true]);
});

it('removes no more than two hundred at once, and the rest the next time', () => {
  const top = temporaryHome();
  for (let slot = 0; slot < 210; slot++) makeAged(top, `tabbify-aaaaaaaaaaaa/${slot}`, 2 * HOUR_MS);
  removeForsaken(officesIn(top), Date.now());
  expect(readdirSync(join(top, 'tabbify-aaaaaaaaaaaa')).length).toBe(10);
  removeForsaken(officesIn(top), Date.now() + 2 * HOUR_MS);
  expect(readdirSync(top)).toEqual([]);
});

const unified = unifiedHere();

if (unified !== undefined) {
  const { top } = unified;
  it('leaves a group of this kernel in which something runs, however old, and removes it afterwards', async () => {
    const name = `tabbify-${process.pid.toString(16).padStart(12, 'f')}`;
    const office = join(top, name);
    const group = makeAged(top, `${name}/0`, 2 * HOUR_MS);
    const child = startChild(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: {} });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    onTestFinished(() => {
      child.kill('SIGKILL');
      removeFolder(group);
      removeFolder(office);
    });
    writeFileSync(join(group, 'cgroup.procs'), String(child.pid));
    makeAged(top, `${name}/0`, 2 * HOUR_MS);
    removeForsaken([office], Date.now());
    expect(existsSync(group)).toBe(true);
    child.kill('SIGKILL');
    await gone;
    await expect
      .poll(() => {
        removeForsaken([office], Date.now());
        return existsSync(office);
      })
      .toBe(false);
  });
}
