import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LENDER } from '../src/kit/testing/index.ts';

/**
 * A run has many homes, and much of what lies in them is the same: they lend it to each other. In the environment, as they are of several
 * processes; whoever runs several projects one after the other has made a folder for them all.
 *
 * @returns what is done when the run is over
 */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[LENDER] !== undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-lender-'));
  process.env[LENDER] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
