import type { DatabaseSync } from 'node:sqlite';
import type { EventClass } from '../envelope.ts';
import { passesFilter } from '../filter.ts';
import type { EventFilter } from '../log-store.ts';

/** What every event of a stream has in common. */
export interface StreamKey {
  readonly segment: string;
  readonly type: string;
  readonly tenant: string;
  readonly actor: string;
  readonly class: EventClass;
  readonly erased: boolean;
}

/** Which streams pass, by number: 1 for those that do. */
export type StreamSet = Uint8Array;

/** The distinct streams of a log, in memory: filters are matched here, the events carry a number only. */
export interface Streams {
  /** Number of a stream, given at its first event; inside the caller's transaction. */
  intern(key: StreamKey): number;
  /** What a number stands for. */
  key(id: number): StreamKey | undefined;
  /** The streams that pass; null when the filter asks for nothing that streams differ in. */
  matching(filter: EventFilter): StreamSet | null;
  /** The streams for which `passes` holds. */
  select(passes: (key: StreamKey) => boolean): StreamSet;
  /** Takes in what another connection has added. */
  refresh(): void;
  /** After a rollback: forgets what was not kept. */
  reload(): void;
}

/** Filters whose streams are remembered; each costs a byte a stream. */
const REMEMBERED = 512;

interface Remembered {
  set: StreamSet;
  /** Streams up to this number were looked at. */
  upTo: number;
}

export function createStreams(db: DatabaseSync): Streams {
  const later = db.prepare(
    'SELECT id, segment, type, tenant, actor, class, erased FROM streams WHERE id > ? ORDER BY id',
  );
  const add = db.prepare(
    'INSERT INTO streams (id, segment, type, tenant, actor, class, erased) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const numbers = new Map<string, number>();
  let keys: (StreamKey | undefined)[] = [undefined];
  const remembered = new Map<string, Remembered>();

  const keep = (id: number, key: StreamKey) => {
    keys[id] = key;
    numbers.set(nameOf(key), id);
  };
  const refresh = () => {
    for (const row of later.all(keys.length - 1)) {
      keep(Number(row.id), {
        segment: String(row.segment),
        type: String(row.type),
        tenant: String(row.tenant),
        actor: String(row.actor),
        class: row.class === 'traffic' ? 'traffic' : 'office',
        erased: row.erased === 1,
      });
    }
  };
  const extend = (entry: Remembered, passes: (key: StreamKey) => boolean) => {
    if (entry.set.length < keys.length) {
      const larger = new Uint8Array(Math.max(64, keys.length * 2));
      larger.set(entry.set);
      entry.set = larger;
    }
    for (let id = entry.upTo + 1; id < keys.length; id++) {
      const key = keys[id];
      entry.set[id] = key !== undefined && passes(key) ? 1 : 0;
    }
    entry.upTo = keys.length - 1;
    return entry.set;
  };
  refresh();
  return {
    refresh,
    reload() {
      numbers.clear();
      keys = [undefined];
      remembered.clear();
      refresh();
    },
    intern(key) {
      const found = numbers.get(nameOf(key));
      if (found !== undefined) return found;
      const id = keys.length;
      add.run(id, key.segment, key.type, key.tenant, key.actor, key.class, key.erased ? 1 : 0);
      keep(id, key);
      return id;
    },
    key: (id) => keys[id],
    matching({ segments, types, actor, tenants, class: kind }) {
      const filter: EventFilter = {
        ...(segments && { segments }),
        ...(types && { types }),
        ...(actor !== undefined && { actor }),
        ...(tenants && { tenants }),
        ...(kind && { class: kind }),
      };
      const name = JSON.stringify(filter);
      if (name === '{}') return null;
      const entry = remembered.get(name) ?? { set: new Uint8Array(0), upTo: 0 };
      // Taken out and put back: the first of the map is the one that was not used for longest.
      remembered.delete(name);
      remembered.set(name, entry);
      if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
      return extend(entry, (key) => passesFilter(filter, { ...key, subject: '' }));
    },
    select: (passes) => extend({ set: new Uint8Array(0), upTo: 0 }, passes),
  };
}

/** None of the parts holds a line break: they were checked at the append. */
function nameOf({ segment, type, tenant, actor, class: kind, erased }: StreamKey): string {
  return `${segment}\n${type}\n${tenant}\n${actor}\n${kind}\n${erased ? 1 : 0}`;
}
