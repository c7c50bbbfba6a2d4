import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeAppData } from '../data/index.ts';
import { syncDirectory } from '../kit/index.ts';

/** What of an app is to be removed from a host besides its records and logs. */
export interface Traces {
  /** Digests of artifacts that no other app of this host uses. */
  readonly digests: readonly string[];
  /** What it has stored, in all environments. */
  readonly data: boolean;
}

/**
 * Removes what this host keeps of an app whose runners have ended. Doing it again, after it was cut short, removes the rest. What it has
 * stored goes only where that was said.
 */
export async function removeTraces(home: string, app: string, { digests, data }: Traces): Promise<void> {
  const runners = join(home, 'runners');
  const names = await readdir(runners).catch(() => []);
  const own = names.filter((name) => name.startsWith(`${app}.`)); // <uuid>.json, .g2.json, .log, .log.1 …
  await Promise.all([
    data ? removeAppData(home, app) : null,
    ...own.map((name) => rm(join(runners, name), { force: true })),
    ...digests.map((digest) => rm(artifactFolder(home, digest), { recursive: true, force: true })),
  ]);
  if (own.length > 0) await syncDirectory(runners);
}

/** Where a fetched artifact lies. */
export function artifactFolder(home: string, digest: string): string {
  return join(home, 'cache', 'artifacts', digest);
}
