import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../app-folder.fixture.ts';
import { isSealed, seal } from './sealed-folder.ts';

it.each<[string, (folder: string) => Promise<unknown>]>([
  ['a byte is another', (folder) => writeFile(join(folder, 'a'), 'x')],
  [
    'a file is cut off',
    async (folder) => writeFile(join(folder, 'b'), (await readFile(join(folder, 'b'))).subarray(1)),
  ],
  ['a file has gone', (folder) => rm(join(folder, 'a'))],
  ['a file has come', (folder) => writeFile(join(folder, 'c'), '')],
  ['its seal has gone', (folder) => rm(join(folder, 'seal.json'))],
  ['its seal is half written', (folder) => writeFile(join(folder, 'seal.json'), '{"a":')],
  ['all of it has gone', (folder) => rm(folder, { recursive: true })],
])('a folder is not as it was sealed when %s', async (_name, change) => {
  await using folder = await temporaryFolder();
  const path = await folder.write({ a: 'a', b: 'bb' });
  await seal(path);
  expect(await isSealed(path)).toBe(true);
  await change(path);
  expect(await isSealed(path)).toBe(false);
});
