import { statSync, unlinkSync } from 'node:fs';
import { blobPath } from './paths.ts';

/**
 * The folder of blobs as the thread that writes the log sees it: it alone removes blobs, so that no append names one
 * that is being removed.
 */
export interface BlobFiles {
  has(tenant: string, digest: string): boolean;
  /**
   * @param storedBefore leave it when it was stored, or stored again, at this time (ms) or later; default: never
   * @returns bytes that went; 0 when it was not there or left
   */
  remove(tenant: string, digest: string, storedBefore?: number): number;
}

export function blobFiles(directory: string): BlobFiles {
  const found = (path: string) => statSync(path, { throwIfNoEntry: false });
  return {
    has: (tenant, digest) => found(blobPath(directory, tenant, digest)) !== undefined,
    remove(tenant, digest, storedBefore = Number.POSITIVE_INFINITY) {
      const path = blobPath(directory, tenant, digest);
      const file = found(path);
      if (file === undefined || file.mtimeMs >= storedBefore) return 0;
      try {
        unlinkSync(path);
      } catch {
        return 0; // the sweep tries again
      }
      return file.size;
    },
  };
}
