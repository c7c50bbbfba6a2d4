import type { DatabaseSync } from 'node:sqlite';
import type { OpenProjection, Projection } from './projection.ts';

/** The last word about an event that an app was to get, where that word was that it is not tried again. */
export interface DeadLetter {
  /** Position of the event that the app did not take. */
  readonly event_position: number;
  readonly event_type: string;
  readonly attempts: number;
  /** HTTP status of the app's last answer; null: it did not answer. */
  readonly status: number | null;
  readonly reason: string;
  /** RFC 3339: when it was given up. */
  readonly failed_at: string;
  /** Position of the `delivery_failed` that says so. */
  readonly position: number;
}

/** What became of events that apps subscribe to: the last word per app and event (CONTRACTS §9). */
export const deliveries: Projection = {
  name: 'deliveries',
  version: 1,
  tables: [
    {
      name: 'deliveries_last',
      create: `CREATE TABLE deliveries_last (
        app TEXT NOT NULL, event_position INTEGER NOT NULL, event_type TEXT NOT NULL,
        position INTEGER NOT NULL, time TEXT NOT NULL, tenant TEXT NOT NULL,
        attempts INTEGER NOT NULL, succeeded INTEGER NOT NULL, status INTEGER, reason TEXT, retry_at TEXT,
        PRIMARY KEY (app, event_position)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX deliveries_last_dead ON deliveries_last (app, event_position)
        WHERE succeeded = 0 AND retry_at IS NULL;
      CREATE INDEX deliveries_last_said ON deliveries_last (position)`,
    },
  ],
  open: openDeliveries,
};

function openDeliveries(db: DatabaseSync): OpenProjection {
  const put = db.prepare(
    `INSERT OR REPLACE INTO deliveries_last
     (app, event_position, event_type, position, time, tenant, attempts, succeeded, status, reason, retry_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const forgetApp = db.prepare('DELETE FROM deliveries_last WHERE app = ? AND tenant = ? AND position <= ?');
  const forgetOld = db.prepare('DELETE FROM deliveries_last WHERE position <= ?');
  return {
    apply(event) {
      const { type, data, position, time, tenant } = event;
      if (event.actor.startsWith('app:')) return; // a domain type from an app counts for nothing
      if (type === 'payload_erased') {
        const through = Number(data.through);
        const app = /^app\/(.+)$/.exec(String(data.subject))?.[1];
        if (data.reason !== 'asked') forgetOld.run(through);
        else if (app !== undefined) forgetApp.run(app, tenant, through);
      }
      if (type !== 'delivery_succeeded' && type !== 'delivery_failed') return;
      put.run(
        String(data.app),
        Number(data.event_position),
        String(data.event_type),
        position,
        time,
        tenant,
        Number(data.attempts),
        type === 'delivery_succeeded' ? 1 : 0,
        typeof data.status === 'number' ? data.status : null,
        typeof data.reason === 'string' ? data.reason : null,
        typeof data.retry_at === 'string' ? data.retry_at : null,
      );
    },
  };
}

/**
 * Events that an app did not take in the end, those of the highest positions first.
 *
 * @param before only events of positions below this
 */
export function deadLettersIn(db: DatabaseSync, app: string, before: number, limit: number): DeadLetter[] {
  const rows = db
    .prepare(
      `SELECT event_position, event_type, attempts, status, reason, time, position FROM deliveries_last
       WHERE app = ? AND event_position < ? AND succeeded = 0 AND retry_at IS NULL
       ORDER BY event_position DESC LIMIT ?`,
    )
    .all(app, before, limit);
  return rows.map((row) => ({
    event_position: Number(row.event_position),
    event_type: String(row.event_type),
    attempts: Number(row.attempts),
    status: row.status === null ? null : Number(row.status),
    reason: String(row.reason),
    failed_at: String(row.time),
    position: Number(row.position),
  }));
}
