import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary directory that goes away with `dispose`. */
export async function temporaryDirectory(): Promise<{ path: string; dispose: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'tabbify-log-'));
  return { path, dispose: () => rm(path, { recursive: true, force: true }) };
}
