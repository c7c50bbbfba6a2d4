import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { approve, TINY } from '../../src/node/testing/index.ts';
import { useSite } from './site.ts';

const { node, site } = useSite();

/** Puts other bytes of the same length where the store keeps these. @returns how many files it were */
async function swap(from: string, to: string): Promise<number> {
  let swapped = 0;
  for (const entry of await readdir(join(node().home, 'objects'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    if (!bytes.includes(from)) continue;
    await writeFile(file, bytes.toString('latin1').replaceAll(from, to), 'latin1');
    swapped += 1;
  }
  return swapped;
}

test.each(['before', 'after'])('bytes that are changed %s the yes are shown to nobody', async (when) => {
  await site().push({ isPublic: true, text: 'what was seen' });
  const held = await site().deploy();
  if (when === 'before') expect(await swap('what was seen', 'something els')).toBeGreaterThan(0);
  expect((await approve(node(), held.approval)).status).toBe(200);
  await site().ended(held.id);
  if (when === 'after') expect(await swap('what was seen', 'something els')).toBeGreaterThan(0);
  const answer = await node().call(`/app/${TINY}/`, { token: null });
  expect([answer.status >= 500, answer.text.includes('something els')]).toEqual([true, false]);
});
