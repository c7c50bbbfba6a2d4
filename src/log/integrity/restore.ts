import { derivedId } from '../../kit/index.ts';
import { digestOf, digestText } from '../sqlite/digest.ts';
import type { Group } from './chain.ts';
import type { RebuiltRow } from './rebuild.ts';
import type { RowEvent } from './row-check.ts';
import { chainBefore, erasedRow, laneOf, proves, rowByBody, type Source, soundRow } from './sources.ts';
import type { Row } from './tolerant.ts';

/** Events of one commit, put together from what can be trusted. */
export interface RestoredGroup {
  /** In order; null where nothing that can be trusted was found. */
  readonly rows: readonly (RebuiltRow | null)[];
  /** Positions taken from the backup. */
  readonly restored: readonly number[];
  /** The chain says that these events are those of this commit. */
  readonly proven: boolean;
  /** The damaged file's own rows, for what they still tell of a lost event. */
  readonly remains: ReadonlyMap<number, Row>;
}

/**
 * Puts one commit together: what the damaged file still holds, then bodies whose digest was what the disk changed, then
 * the backup. What is not the file's own is taken only when the chain proves it.
 *
 * @param groups commits of both files by their last position, the damaged file's first
 * @param first position of the group's first event
 */
export function restoreGroup(
  damaged: Source,
  backup: Source | null,
  groups: ReadonlyMap<number, Group>,
  group: Group,
  first: number,
): RestoredGroup {
  const remains = damaged.file.rows(first, group.last);
  const copies = backup?.file.rows(first, group.last) ?? new Map<number, Row>();
  const positions = Array.from({ length: group.last - first + 1 }, (_, index) => first + index);
  const own = positions.map((position) => soundRow(position, remains.get(position)));
  const before = chainBefore(groups, first);
  const copied = backup?.groupAt.get(group.last);
  const candidates = copied === undefined || copied === group ? [group] : [group, copied];
  const isProven = (rows: readonly (RebuiltRow | null)[]) =>
    rows.every((row) => row !== null) &&
    candidates.some((candidate) =>
      proves(
        before,
        candidate,
        rows.map((row) => (row as RebuiltRow).digest),
      ),
    );

  if (own.every((row) => row !== null)) {
    return { rows: own, restored: [], proven: isProven(own), remains };
  }
  const byBody = own.map((row, index) => row ?? rowByBody(first + index, remains.get(first + index)));
  if (isProven(byBody)) return { rows: byBody, restored: [], proven: true, remains };

  const fromBackup = own.map((row, index) => row ?? soundRow(first + index, copies.get(first + index)));
  const wanting = positions.filter((_, index) => own[index] === null && fromBackup[index] !== null);
  const notRevived = (row: RebuiltRow, position: number) =>
    mayBeErased(damaged, backup, row, remains.get(position)) ? erasedRow(row) : row;
  if (isProven(fromBackup)) {
    const rows = fromBackup.map((row, index) =>
      row === null || own[index] !== null ? row : notRevived(row, first + index),
    );
    return { rows, restored: wanting, proven: true, remains };
  }
  // An event that is whole may have been moved to the place of another by what the disk changed.
  const copy = positions.map((position) => soundRow(position, copies.get(position)));
  if (isProven(copy)) {
    const isOwn = (index: number) => {
      const [kept, copied] = [own[index], copy[index]];
      return kept != null && copied != null && Buffer.compare(kept.digest, copied.digest) === 0;
    };
    const rows = copy.map((row, index) => {
      if (row === null || isOwn(index)) return own[index] ?? null;
      return notRevived(row, first + index);
    });
    return { rows, restored: positions.filter((_, index) => !isOwn(index)), proven: true, remains };
  }
  // The whole commit cannot be proven; a single event can, when the file still has its digest.
  const byDigest = fromBackup.map((row, index) => {
    const digest = remains.get(first + index)?.digest;
    const kept = own[index] ?? null;
    if (kept !== null) return kept;
    const same = row !== null && digest !== undefined && Buffer.compare(row.digest, digest) === 0;
    return same ? notRevived(row, first + index) : null;
  });
  const restored = positions.filter((_, index) => own[index] === null && byDigest[index] !== null);
  return { rows: byDigest, restored, proven: false, remains };
}

/**
 * Was the body erased since the backup was made? What was erased stays erased, so traffic of which the damaged file no
 * longer tells comes back as a tombstone. That nothing at all was erased meanwhile, the count of erasures tells.
 */
function mayBeErased(
  damaged: Source,
  backup: Source | null,
  copied: RebuiltRow,
  remains: Row | undefined,
): boolean {
  if (damaged.erasures !== null && damaged.erasures === backup?.erasures) return false;
  // what stands at its place may be another event's
  const own = remains !== undefined && Buffer.compare(remains.digest, copied.digest) === 0 ? remains : null;
  const stream = own === null ? laneOf(damaged, copied.position) : damaged.known.streams.get(own.stream);
  return stream === undefined || stream.erased;
}

/** Namespace of the ids of tombstones of lost events: nothing else derives ids from it. */
const LOST = '6f1e3c1a-5b0d-5f43-9d9e-0c7b6c9d2e51';

/**
 * What stands at the position of an event that is lost for good, once a person has accepted that: a tombstone of class
 * traffic, so that no fold meets it, that says what it is. It keeps the digest of the body where that is known.
 */
export function lostRow(position: number, remains: Row | undefined, at: number): RebuiltRow {
  const known = remains?.digest.length === 32;
  const digest = known ? (remains?.digest ?? Buffer.alloc(32)) : Buffer.alloc(32);
  const event: RowEvent = {
    specversion: '1.0',
    id: derivedId(LOST, String(position)),
    source: '/log/repair',
    type: 'event_lost',
    subject: `position/${position}`,
    time: new Date(at).toISOString(),
    dataschema: 'tabbify:event_lost/1',
    data: {},
    segment: 'platform.log',
    tenant: 'default',
    actor: 'system',
    class: 'traffic',
    erased: digestText(digest),
  };
  const body = JSON.stringify(event);
  return { position, event, body, digest, stub: digestOf(body) };
}
