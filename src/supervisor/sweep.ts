import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Milliseconds that no write takes: a temporary file that is older has nobody who would finish it. */
const STALE_MS = 60_000;

/** Removes temporary files of writes that a death cut short (`writeFileAtomic`); those of writes under way are left. */
export async function sweepCutShort(directories: readonly string[], now = Date.now()): Promise<void> {
  const sweep = async (directory: string): Promise<void> => {
    const names = await readdir(directory).catch(() => []);
    for (const name of names.filter((each) => each.endsWith('.tmp'))) {
      const path = join(directory, name);
      const age = await stat(path).then(
        ({ mtimeMs }) => now - mtimeMs,
        () => 0, // finished meanwhile
      );
      if (age > STALE_MS) await rm(path, { force: true });
    }
  };
  await Promise.all(directories.map(sweep));
}
