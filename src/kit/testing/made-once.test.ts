import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { LENDER, madeOnce } from './made-once.ts';

let lender: string;
beforeEach(async () => {
  lender = await mkdtemp(join(tmpdir(), 'tabbify-lender-test-'));
  vi.stubEnv(LENDER, lender);
  return async () => {
    vi.unstubAllEnvs();
    await rm(lender, { recursive: true });
  };
});

it('is made by the first who asks, while the others wait', async () => {
  const made: string[] = [];
  const ask = (who: string) =>
    madeOnce('thing', async (folder) => {
      made.push(who);
      await writeFile(join(folder, 'who'), who);
    });
  const found = await Promise.all(['one', 'two', 'three'].map(ask));
  expect(new Set(found)).toEqual(new Set([join(lender, 'thing')]));
  expect([await ask('four'), made.length]).toEqual([found[0], 1]);
  expect([await readFile(join(lender, 'thing/who'), 'utf8')]).toEqual(made);
  expect(await readdir(lender)).toEqual(['thing']);
});

it('is made by the next one when it could not be made, or when whoever made it was killed', async () => {
  const broken = madeOnce('thing', () => Promise.reject(new Error('no room')));
  await expect(broken).rejects.toThrow('no room');
  expect(await readdir(lender)).toEqual([]);
  const { pid } = spawnSync('true');
  await writeFile(join(lender, '.making-thing'), JSON.stringify({ pid, start_time: 1 }));
  expect(await madeOnce('thing', async () => {})).toBe(join(lender, 'thing'));
  expect(await readdir(lender)).toEqual(['thing']);
});

it('is nowhere without a run', async () => {
  vi.stubEnv(LENDER, undefined);
  expect(await madeOnce('thing', () => Promise.reject(new Error('asked')))).toBeNull();
});
