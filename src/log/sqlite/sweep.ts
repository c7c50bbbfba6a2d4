import type { DatabaseSync } from 'node:sqlite';
import type { BlobFiles } from '../blobs/files.ts';
import { digestBytes } from './digest.ts';
import type { BlobName, SweepResult } from './messages.ts';

/** @returns removes those blobs that no event names and that were stored long enough ago */
export function createSweep(
  db: DatabaseSync,
  files: BlobFiles,
): (blobs: readonly BlobName[], storedBefore: number) => SweepResult {
  const named = db.prepare('SELECT 1 FROM refs WHERE tenant = ? AND digest = ? LIMIT 1');
  return (blobs, storedBefore) => {
    let removed = 0;
    let bytes = 0;
    for (const { tenant, digest } of blobs) {
      if (named.get(tenant, digestBytes(digest)) !== undefined) continue;
      const size = files.remove(tenant, digest, storedBefore);
      bytes += size;
      if (size > 0) removed++;
    }
    return { removed, bytes };
  };
}
