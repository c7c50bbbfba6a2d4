import { digestBytes, digestOf, digestText } from '../sqlite/digest.ts';
import { CHAIN_START, chainAfter } from '../sqlite/groups.ts';
import { CHUNK } from '../sqlite/lanes.ts';
import type { StreamKey } from '../sqlite/streams.ts';
import { type Group, mostEvents, readGroups } from './chain.ts';
import { headOf } from './head.ts';
import { type Known, readKnown } from './known.ts';
import type { RebuiltRow } from './rebuild.ts';
import { eventOf } from './row-check.ts';
import { openTolerant, type Row, type TolerantFile } from './tolerant.ts';

/** One file that events are taken from. */
export interface Source {
  readonly file: TolerantFile;
  readonly groups: readonly Group[];
  /** The same by their last position. */
  readonly groupAt: ReadonlyMap<number, Group>;
  readonly known: Known;
  readonly head: number;
  /** How often bodies were erased from it; null when that cannot be read. */
  readonly erasures: number | null;
}

export function openSource(path: string): Source {
  const file = openTolerant(path);
  const { groups } = readGroups(file, mostEvents(path));
  const counted = file.all("SELECT value FROM counters WHERE name = 'erasures'");
  const erasures = counted.damaged === null ? Number(counted.rows[0]?.value ?? 0) : null;
  const groupAt = new Map(groups.map((group) => [group.last, group]));
  const head = headOf(file, groups.at(-1)?.last ?? 0);
  return { file, groups, groupAt, erasures, known: readKnown(file), head };
}

/** A row that is as it was written, ready for a new file; null when it is not. */
export function soundRow(position: number, row: Row | undefined): RebuiltRow | null {
  const event = eventOf(row);
  if (row === undefined || typeof event === 'string') return null;
  return { position, event, body: row.body, digest: row.digest, stub: row.stub };
}

/**
 * A row whose own digest was damaged: the body may be whole. Whether it is the chain tells, once the digest of the body
 * (that a tombstone names) stands in the place of the damaged one.
 */
export function rowByBody(position: number, row: Row | undefined): RebuiltRow | null {
  if (row === undefined) return null;
  if (row.stub === null) return soundRow(position, { ...row, digest: digestOf(row.body) });
  const named = /"erased":"(sha256:[0-9a-f]{64})"/.exec(row.body)?.[1];
  return named === undefined ? null : soundRow(position, { ...row, digest: digestBytes(named) });
}

/** The tombstone of an event whose body was erased since the backup was made. */
export function erasedRow(row: RebuiltRow): RebuiltRow {
  if (row.stub !== null || row.event.class !== 'traffic') return row;
  const body = JSON.stringify({ ...row.event, data: {}, erased: digestText(row.digest) });
  return { ...row, body, stub: digestOf(body) };
}

/** The stream that the lanes keep for a position; undefined when that cannot be read either. */
export function laneOf({ file, known }: Source, position: number): StreamKey | undefined {
  const number = Math.floor((position - 1) / CHUNK);
  try {
    const lanes = file.prepare('SELECT lanes FROM chunks WHERE chunk = ?')?.get(number)?.lanes;
    if (!(lanes instanceof Uint8Array) || lanes.length !== CHUNK * 8) return undefined;
    const view = new DataView(lanes.buffer, lanes.byteOffset, lanes.length);
    return known.streams.get(view.getUint32((position - 1 - number * CHUNK) * 4, true));
  } catch {
    return undefined;
  }
}

/** Do these digests, one after the other, make of the chain before a group the chain that is stored after it? */
export function proves(before: Uint8Array | null, group: Group, digests: readonly Uint8Array[]): boolean {
  return before !== null && Buffer.compare(chainAfter(before, group.at, digests), group.chain) === 0;
}

/** The stored chain before a group that begins at `first`; null when that commit cannot be read. */
export function chainBefore(groups: ReadonlyMap<number, Group>, first: number): Uint8Array | null {
  return first === 1 ? CHAIN_START : (groups.get(first - 1)?.chain ?? null);
}
