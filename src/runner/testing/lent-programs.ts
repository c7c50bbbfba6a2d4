import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { bundleRunner } from '../bundle.ts';

/** Folder that the homes of a test run borrow from, while there is a run: its set-up makes it and says it to all its processes. */
export const LENDER = 'TABBIFY_TEST_LENDER';

/**
 * Gives a new home the programs of runners as they lie in a folder of the test run, made by the first that asks: to bundle them takes more
 * than most of the tests that need them.
 *
 * @param entry as {@link bundleRunner} has it
 */
export async function lendPrograms(home: string, entry?: string): Promise<void> {
  const lender = process.env[LENDER];
  const runtime = join(home, 'runtime');
  if (lender === undefined || existsSync(runtime)) return;
  const kept = join(
    lender,
    `programs-${createHash('sha256')
      .update(entry ?? '')
      .digest('hex')}`,
  );
  if (!existsSync(kept)) {
    const made = await mkdtemp(join(lender, '.coming-'));
    await bundleRunner({ home: made, ...(entry !== undefined && { entry }) });
    await rename(made, kept).catch(() => rm(made, { recursive: true })); // another was quicker
  }
  await mkdir(home, { recursive: true, mode: 0o700 });
  const but = (path: string): boolean => basename(path) !== 'node'; // of 100 MB; it is linked
  await cp(join(kept, 'runtime'), runtime, { recursive: true, filter: but });
}
