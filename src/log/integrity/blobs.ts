import { createBlobStore } from '../blobs/store.ts';
import { digestText } from '../sqlite/digest.ts';
import type { BlobReport } from './report.ts';
import type { TolerantFile } from './tolerant.ts';

/** Reads every blob that an event names. @param directory of the blobs */
export async function checkBlobs(file: TolerantFile, directory: string): Promise<BlobReport> {
  const store = createBlobStore(directory);
  const damaged: string[] = [];
  const missing: string[] = [];
  let checked = 0;
  for (const row of file.all('SELECT DISTINCT tenant, digest FROM refs').rows) {
    const tenant = String(row.tenant);
    if (!(row.digest instanceof Uint8Array) || row.digest.length !== 32) continue; // named by the check of references
    const digest = digestText(row.digest);
    checked++;
    try {
      await store.read(tenant, digest);
    } catch (error) {
      const gone = (error as { code?: string }).code === 'blob_missing';
      (gone ? missing : damaged).push(`${tenant}/${digest}`);
    }
  }
  return { checked, damaged, missing };
}
