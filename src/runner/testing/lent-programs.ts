import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { madeOnce } from '../../kit/testing/index.ts';
import { bundleRunner } from '../bundle.ts';

/**
 * Gives a new home the programs of runners as they lie in a folder of the test run, made by the first that asks: to bundle them takes more
 * than most of the tests that need them.
 *
 * @param entry as {@link bundleRunner} has it
 */
export async function lendPrograms(home: string, entry?: string): Promise<void> {
  const runtime = join(home, 'runtime');
  if (existsSync(runtime)) return;
  const name = createHash('sha256')
    .update(entry ?? '')
    .digest('hex');
  const kept = await madeOnce(`programs-${name}`, async (made) => {
    await bundleRunner({ home: made, ...(entry !== undefined && { entry }) });
  });
  if (kept === null) return;
  await mkdir(home, { recursive: true, mode: 0o700 });
  const but = (path: string): boolean => basename(path) !== 'node'; // of 100 MB; it is linked
  await cp(join(kept, 'runtime'), runtime, { recursive: true, filter: but });
}
