import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sweepCutShort } from './sweep.ts';

it('removes what a death left half written, and nothing that may still be finished', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-sweep-'));
  try {
    for (const name of ['a.json', 'a.json.1.tmp', 'a.json.2.tmp']) await writeFile(join(folder, name), '{');
    const old = new Date(Date.now() - 120_000);
    for (const name of ['a.json', 'a.json.1.tmp']) await utimes(join(folder, name), old, old);
    await sweepCutShort([folder, join(folder, 'nowhere')]);
    expect(await readdir(folder)).toEqual(['a.json', 'a.json.2.tmp']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
