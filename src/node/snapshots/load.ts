import { type Logger, messageOf } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import { decodeSnapshot, type OfficeState } from '../../state/index.ts';
import type { SnapshotFile, SnapshotFolder } from './files.ts';

/** Where snapshots are looked for, and the log they must belong to. */
export interface SnapshotPlace {
  readonly folder: SnapshotFolder;
  readonly log: Pick<LogStore, 'read'>;
  readonly logger: Logger;
}

/**
 * The state of the newest snapshot that this code wrote of this log. One that is of no use (other code, damaged, of a
 * log that was put back to an older copy) is a cache gone stale: it is removed with a line in the log, and the next is
 * looked at. Takes a tenth of a second for 20,000 deployments: for a start, when nobody is served.
 *
 * @param code hash of the code that goes on folding
 * @returns null: the log is folded from its beginning
 */
export async function newestState(place: SnapshotPlace, code: string): Promise<OfficeState | null> {
  let state: OfficeState | null = null;
  await newestFitting(place, Number.POSITIVE_INFINITY, (file) => {
    state = decodeSnapshot(file.bytes, code);
    return state?.position === file.position ? null : 'it is damaged, or other code wrote it';
  });
  return state;
}

/** The newest snapshot of this log up to a position, as it lies on disk; `decodeSnapshot` may still say no. */
export function newestFile(place: SnapshotPlace, through: number): Promise<SnapshotFile | null> {
  return newestFitting(place, through, () => null);
}

/** @param look why a snapshot is of no use; null when it is */
async function newestFitting(
  { folder, log, logger }: SnapshotPlace,
  through: number,
  look: (file: SnapshotFile) => string | null,
): Promise<SnapshotFile | null> {
  try {
    for (const position of (await folder.positions()).filter((each) => each <= through)) {
      const file = await folder.read(position);
      const why = file === null ? 'it is damaged' : ((await misfit(log, file)) ?? look(file));
      if (why === null) return file;
      logger.info({ position, why }, 'a snapshot of the state is of no use and was thrown away');
      await folder.remove(position);
    }
  } catch (error) {
    logger.warn({ why: messageOf(error) }, 'snapshots of the state cannot be read');
  }
  return null;
}

/** Why a snapshot does not belong to this log; null when it does. */
async function misfit(
  log: Pick<LogStore, 'read'>,
  { position, event }: SnapshotFile,
): Promise<string | null> {
  const page = await log.read({ after: position - 1, limit: 1 });
  if (page.head < position) return `the log ends at ${page.head}: it was put back to an older copy`;
  const [found] = page.events;
  // an event that is damaged on disk says nothing against the snapshot, which is then the better one of the two
  if (found?.position !== position || found.id === event) return null;
  return 'another event stands at its position: the log was put back to an older copy';
}
