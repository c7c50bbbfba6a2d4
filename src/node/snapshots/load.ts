import { type Logger, messageOf } from '../../kit/index.ts';
import type { LogStore } from '../../log/index.ts';
import { decodeSnapshot, type OfficeState } from '../../state/index.ts';
import type { SnapshotFolder } from './files.ts';

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
  await newestFitting(place, Number.POSITIVE_INFINITY, async (position) => {
    state = decodeSnapshot(await place.folder.read(position), code);
    return state?.position === position ? null : 'it is damaged, or other code wrote it';
  });
  return state;
}

/** Position of the newest snapshot of this log, up to one; `decodeSnapshot` may still say no. Null: there is none. */
export function newestPosition(place: SnapshotPlace, through: number): Promise<number | null> {
  return newestFitting(place, through, async () => null);
}

/** @param look why a snapshot is of no use; null when it is */
async function newestFitting(
  { folder, log, logger }: SnapshotPlace,
  through: number,
  look: (position: number) => Promise<string | null>,
): Promise<number | null> {
  try {
    for (const position of (await folder.positions()).filter((each) => each <= through)) {
      const event = await folder.eventOf(position);
      const why =
        event === null ? 'it is damaged' : ((await misfit(log, position, event)) ?? (await look(position)));
      if (why === null) return position;
      logger.info({ position, why }, 'a snapshot of the state is of no use and was thrown away');
      await folder.remove(position);
    }
  } catch (error) {
    logger.warn({ why: messageOf(error) }, 'snapshots of the state cannot be read');
  }
  return null;
}

/** Why a snapshot does not belong to this log; null when it does. */
async function misfit(log: Pick<LogStore, 'read'>, position: number, event: string): Promise<string | null> {
  const page = await log.read({ after: position - 1, limit: 1 });
  if (page.head < position) return `the log ends at ${page.head}: it was put back to an older copy`;
  const [found] = page.events;
  // an event that is damaged on disk says nothing against the snapshot, which is then the better one of the two
  if (found?.position !== position || found.id === event) return null;
  return 'another event stands at its position: the log was put back to an older copy';
}
