import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeAppData } from '../data/index.ts';
import { syncDirectory } from '../kit/index.ts';

/**
 * Removes what this host keeps of an app whose runners have ended: records, logs, artifacts, and the data it has stored. Doing it again, after it
 * was cut short, removes the rest.
 *
 * @param digests of artifacts that no other app of this host uses
 */
export async function removeTraces(home: string, app: string, digests: readonly string[]): Promise<void> {
  const runners = join(home, 'runners');
  const names = await readdir(runners).catch(() => []);
  const own = names.filter((name) => name.startsWith(`${app}.`)); // <uuid>.json, .g2.json, .log, .log.1 …
  await Promise.all([
    removeAppData(home, app),
    ...own.map((name) => rm(join(runners, name), { force: true })),
    ...digests.map((digest) => rm(artifactFolder(home, digest), { recursive: true, force: true })),
  ]);
  if (own.length > 0) await syncDirectory(runners);
}

/** Where a fetched artifact lies. */
export function artifactFolder(home: string, digest: string): string {
  return join(home, 'cache', 'artifacts', digest);
}
