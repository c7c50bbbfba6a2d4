import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { appDataFolder } from './layout.ts';

/** What one (app, environment) has stored on a host. */
export interface StoredBytes {
  /** `production` or `preview-<id>`. */
  readonly environment: string;
  /** On disk: keys, SQL, files, and what belongs to them. */
  readonly bytes: number;
}

/** What an app has stored on this host, environment by environment; nothing of it is opened. */
export async function storedBytes(home: string, app: string): Promise<StoredBytes[]> {
  const folder = appDataFolder(home, app);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(
    names
      .sort()
      .map(async (environment) => ({ environment, bytes: await bytesBelow(join(folder, environment)) })),
  );
}

/** One file after the other: a folder may hold very many. What goes while this looks counts as nothing. */
async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await bytesBelow(path);
    else bytes += (await lstat(path).catch(() => null))?.size ?? 0;
  }
  return bytes;
}
