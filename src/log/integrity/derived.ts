import { digestBytes } from '../sqlite/digest.ts';
import { CHUNK } from '../sqlite/lanes.ts';
import type { Known } from './known.ts';
import type { RowEvent } from './row-check.ts';
import type { Row, TolerantFile } from './tolerant.ts';

/**
 * Compares what the file derives from its events, so that it need not look at them, with the events: last positions
 * of units, lanes, names of blobs, counters. What is wrong there is put right by a repair without any backup.
 */
export function createDerivedCheck(file: TolerantFile, known: Known, add: (finding: string) => void) {
  const lasts = new Map<number, number>();
  const refs = new Set<string>();
  const chunks = file.prepare('SELECT lanes FROM chunks WHERE chunk = ?');
  let lanes: DataView | null = null;
  let traffic = { events: 0, bytes: 0 };

  const chunkOf = (number: number): DataView | null => {
    try {
      const bytes = chunks?.get(number)?.lanes;
      if (bytes instanceof Uint8Array && bytes.length === CHUNK * 8) {
        return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      }
    } catch {
      // named below as missing
    }
    return null;
  };

  return {
    /** The next position; `row` and `event` when it can be read as it was written. */
    see(position: number, head: number, row: Row | undefined, event: RowEvent | null): void {
      const number = Math.floor((position - 1) / CHUNK);
      const index = position - 1 - number * CHUNK;
      const full = (number + 1) * CHUNK <= head;
      if (index === 0) {
        lanes = full ? chunkOf(number) : null;
        if (full && lanes === null) add(`chunk ${number} of the lanes cannot be read`);
      }
      if (row === undefined || event === null) return;
      if (lanes !== null) {
        const same =
          lanes.getUint32(index * 4, true) === row.stream &&
          lanes.getUint32((CHUNK + index) * 4, true) === row.unit;
        if (!same) add(`chunk ${number} of the lanes does not fit its events`);
      }
      lasts.set(row.unit, position);
      if (event.class === 'traffic' && row.stub === null) {
        traffic = { events: traffic.events + 1, bytes: traffic.bytes + Buffer.byteLength(row.body) };
      }
      if (event.dataref !== undefined && row.stub === null) {
        refs.add(refName(event.tenant, digestBytes(event.dataref), position));
      }
    },
    /** After the last event. @param complete every event could be read, so that what is missing is missing */
    end(complete: boolean): void {
      for (const [id, { subject, segment, last }] of known.units) {
        const seen = lasts.get(id) ?? 0;
        if (complete ? last !== seen : last < seen) {
          add(`the last event of ${subject} in ${segment} is kept as ${last}, it is ${seen}`);
        }
      }
      const stored = file.all('SELECT tenant, digest, position FROM refs');
      if (stored.damaged !== null) add(`the names of blobs cannot be read: ${stored.damaged}`);
      const names = new Set(
        stored.rows.map((row) => refName(String(row.tenant), row.digest, Number(row.position))),
      );
      for (const name of refs) if (!names.has(name)) add(`no reference is kept for ${name}`);
      if (complete)
        for (const name of names) if (!refs.has(name)) add(`a reference is kept for nothing: ${name}`);
      const counters = new Map(
        file.all('SELECT name, value FROM counters').rows.map((row) => [row.name, Number(row.value)]),
      );
      const counted = [counters.get('traffic_events') ?? 0, counters.get('traffic_bytes') ?? 0];
      if (complete && (counted[0] !== traffic.events || counted[1] !== traffic.bytes)) {
        add(
          `kept traffic is counted as ${counted[0]} events and ${counted[1]} bytes, it is ${traffic.events} and ${traffic.bytes}`,
        );
      }
    },
  };
}

function refName(tenant: string, digest: unknown, position: number): string {
  const hex = digest instanceof Uint8Array ? Buffer.from(digest).toString('hex') : 'no digest';
  return `${tenant} ${hex} at ${position}`;
}
