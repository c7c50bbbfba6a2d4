import type { StreamKey } from '../sqlite/streams.ts';
import type { RowEvent } from './row-check.ts';
import { idHex } from './row-check.ts';
import type { Row, TolerantFile } from './tolerant.ts';

export interface KnownUnit {
  readonly subject: string;
  readonly segment: string;
  readonly last: number;
}

/** Streams and units of a file, as far as they can be read. */
export interface Known {
  readonly streams: ReadonlyMap<number, StreamKey>;
  readonly units: ReadonlyMap<number, KnownUnit>;
  readonly damaged: readonly string[];
}

export function readKnown(file: TolerantFile): Known {
  const damaged: string[] = [];
  const streams = new Map<number, StreamKey>();
  const units = new Map<number, KnownUnit>();
  const found = file.all('SELECT id, segment, type, tenant, actor, class, erased FROM streams');
  if (found.damaged !== null) damaged.push(`the table of streams cannot be read: ${found.damaged}`);
  for (const row of found.rows) {
    streams.set(Number(row.id), {
      segment: String(row.segment),
      type: String(row.type),
      tenant: String(row.tenant),
      actor: String(row.actor),
      class: row.class === 'traffic' ? 'traffic' : 'office',
      erased: row.erased === 1,
    });
    if (row.class !== 'traffic' && row.class !== 'office') damaged.push(`stream ${row.id} is of no class`);
  }
  const read = file.all('SELECT id, subject, segment, last FROM units');
  if (read.damaged !== null) damaged.push(`the table of units cannot be read: ${read.damaged}`);
  for (const row of read.rows) {
    units.set(Number(row.id), {
      subject: String(row.subject),
      segment: String(row.segment),
      last: Number(row.last),
    });
  }
  return { streams, units, damaged };
}

/** @returns what the row says otherwise than the event in it, or null */
export function mismatch(row: Row, event: RowEvent, known: Known): string | null {
  const stream = known.streams.get(row.stream);
  const unit = known.units.get(row.unit);
  if (idHex(row) !== event.id.replaceAll('-', '')) return 'its id';
  if (unit?.subject !== event.subject || unit.segment !== event.segment) return 'its unit';
  const fits =
    stream !== undefined &&
    stream.segment === event.segment &&
    stream.type === event.type &&
    stream.tenant === event.tenant &&
    stream.actor === event.actor &&
    stream.class === (event.class ?? 'office') &&
    stream.erased === (row.stub !== null);
  return fits ? null : 'its stream';
}
