import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatLock,
  LOCK_FILE,
  type Lock,
  type Manifest,
  newAppId,
  parseLock,
  resolveIdentity,
} from '../../app/index.ts';
import { writeFileAtomic } from '../../kit/index.ts';

/** Which app a folder is. */
export interface Identity {
  readonly uuid: string;
  /** Made now: nothing has been pushed from here yet. */
  readonly minted: boolean;
}

/**
 * `[app].id`, else `tabbify.lock`, else a new UUID v7 (CONTRACTS §3). Writes nothing.
 *
 * @throws TabbifyError `identity_conflict`, `lock_invalid`
 */
export async function readIdentity(root: string, manifest: Manifest): Promise<Identity> {
  const known = resolveIdentity(manifest.app.id, await readLock(root));
  return known === null ? { uuid: newAppId(), minted: true } : { uuid: known, minted: false };
}

/** Remembers in the folder which app it is and what was pushed last. */
export async function writeLock(root: string, lock: Lock): Promise<void> {
  await writeFileAtomic(join(root, LOCK_FILE), formatLock(lock), 0o644);
}

async function readLock(root: string): Promise<Lock | null> {
  try {
    return parseLock(await readFile(join(root, LOCK_FILE), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
