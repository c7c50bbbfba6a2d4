import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { advanceLatest, claimedVersions, type ObjectStore, withdrawVersion } from '../../artifacts/index.ts';
import { type Logger, messageOf, newId, writeFileAtomic } from '../../kit/index.ts';
import type { OfficeState } from '../../state/index.ts';
import type { Place } from './reservations.ts';

const note = z.object({ office: z.string(), app: z.string() });

/**
 * Notes on disk that a push of this app is storing a version, so that whoever starts after a crash knows where to look for one that was
 * never announced.
 *
 * @returns takes the note away: the version is announced, or nothing of it is left
 */
export async function notePublishing(home: string, place: Place): Promise<() => Promise<void>> {
  const file = join(folderOf(home), `${newId()}.json`);
  await mkdir(folderOf(home), { recursive: true, mode: 0o700 });
  await writeFileAtomic(file, JSON.stringify(place));
  return () => rm(file, { force: true });
}

/**
 * Takes back what killed pushes have stored and never announced. Before the first push of this life of the office. Never rejects: what
 * cannot be done now (the store is away) is left for the next start.
 */
export async function withdrawUnannounced(
  home: string,
  store: ObjectStore,
  office: OfficeState,
  logger: Logger,
): Promise<void> {
  const names = await readdir(folderOf(home)).catch(() => []);
  for (const name of names) {
    const file = join(folderOf(home), name);
    try {
      const place = readNote(await readFile(file, 'utf8'));
      if (place !== null) await settle(store, office, place);
      await rm(file, { force: true });
    } catch (error) {
      logger.warn({ err: error }, `what a push has left that was cut off stays: ${messageOf(error)}`);
    }
  }
}

async function settle(store: ObjectStore, office: OfficeState, place: Place): Promise<void> {
  const known = office.apps.get(place.app)?.versions;
  for (const version of await claimedVersions(store, place)) {
    if (known?.has(version) !== true) await withdrawVersion(store, place, version);
  }
  const stored = [...(known?.values() ?? [])].filter(({ removedAt }) => removedAt === null);
  const newest = Math.max(0, ...stored.map(({ version }) => version));
  if (newest > 0) await advanceLatest(store, place, newest);
}

/** Null for one that was cut off while it was written. */
function readNote(text: string): Place | null {
  try {
    return note.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function folderOf(home: string): string {
  return join(home, 'publishing');
}
