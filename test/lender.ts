import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LENDER } from '../src/runner/testing/index.ts';

/** A run has many homes, and much of what lies in them is the same: they lend it to each other. In the environment, as they are of several processes. */
export async function setup(): Promise<void> {
  process.env[LENDER] = await mkdtemp(join(tmpdir(), 'tabbify-lender-'));
}

/** When the run is over. */
export async function teardown(): Promise<void> {
  await rm(process.env[LENDER] ?? '', { recursive: true, force: true });
}
