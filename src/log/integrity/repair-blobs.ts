import { createBlobStore } from '../blobs/store.ts';
import { checkBlobs } from './blobs.ts';
import { openTolerant } from './tolerant.ts';

/** Takes blobs that are damaged or gone from a backup's folder, where their bytes have their digest. */
export async function repairBlobs(
  file: string,
  directory: string,
  backup: string | null,
): Promise<{ restored: string[]; lost: string[] }> {
  const opened = openTolerant(file);
  const { damaged, missing } = await checkBlobs(opened, directory).finally(() => opened.close());
  const store = createBlobStore(directory);
  const restored: string[] = [];
  const lost: string[] = [];
  for (const name of [...damaged, ...missing]) {
    const [tenant = '', digest = ''] = name.split('/');
    try {
      if (backup === null) throw new Error('there is no backup');
      const bytes = await createBlobStore(backup).read(tenant, digest);
      await store.replace(tenant, bytes);
      restored.push(name);
    } catch {
      lost.push(name); // the caller says so
    }
  }
  return { restored, lost };
}
