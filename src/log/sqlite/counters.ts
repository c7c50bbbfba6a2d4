import type { DatabaseSync } from 'node:sqlite';

/** What is counted, so that nothing has to be scanned for it. */
export type CounterName =
  /** Events of class traffic whose bodies are kept, and the bytes of these bodies. */
  | 'traffic_events'
  | 'traffic_bytes'
  /** Steps of erasing so far, and which positions the last one changed: other connections look again at those. */
  | 'erasures'
  | 'erased_from'
  | 'erased_to';

export interface Counters {
  /** 0 when it was never set. */
  get(name: CounterName): number;
  /** Inside the caller's transaction. */
  add(name: CounterName, value: number): void;
  set(name: CounterName, value: number): void;
}

export function createCounters(db: DatabaseSync): Counters {
  const one = db.prepare('SELECT value FROM counters WHERE name = ?');
  const add = db.prepare(
    'INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value',
  );
  const set = db.prepare('INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)');
  return {
    get: (name) => Number(one.get(name)?.value ?? 0),
    add: (name, value) => add.run(name, value),
    set: (name, value) => set.run(name, value),
  };
}
