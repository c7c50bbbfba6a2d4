import { DatabaseSync } from 'node:sqlite';
import { draft } from '../conformance/harness.ts';
import type { StoredEvent } from '../envelope.ts';

/** The statements that made a log's file in format 1, as they were released. */
const FORMAT_1 = `
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY, segment TEXT NOT NULL, type TEXT NOT NULL, UNIQUE (segment, type)
  ) STRICT;
  CREATE TABLE units (
    id INTEGER PRIMARY KEY, subject TEXT NOT NULL, segment TEXT NOT NULL, UNIQUE (subject, segment)
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY, stream INTEGER NOT NULL, unit INTEGER NOT NULL, id BLOB NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_id ON events (id);
  CREATE INDEX events_by_stream ON events (stream);
  CREATE INDEX events_by_unit ON events (unit);
  PRAGMA user_version = 1;
`;

/**
 * Writes a log's file as the version before did.
 *
 * @returns its events, as every version gives them out
 */
export function writeFormat1(file: string, count: number): StoredEvent[] {
  const db = new DatabaseSync(file);
  db.exec('PRAGMA journal_mode = WAL');
  db.exec(FORMAT_1);
  const insert = db.prepare('INSERT INTO events (position, stream, unit, id, body) VALUES (?, ?, ?, ?, ?)');
  const numbered = (table: string, columns: string) => {
    const add = db.prepare(`INSERT INTO ${table} (${columns}) VALUES (?, ?)`);
    const known = new Map<string, number>();
    return (a: string, b: string) => {
      const name = `${a} ${b}`;
      const id = known.get(name) ?? Number(add.run(a, b).lastInsertRowid);
      known.set(name, id);
      return id;
    };
  };
  const streamOf = numbered('streams', 'segment, type');
  const unitOf = numbered('units', 'subject, segment');
  const events: StoredEvent[] = [];
  db.exec('BEGIN');
  for (let position = 1; position <= count; position++) {
    const event = draft({
      segment: ['tenant_default.apps', 'platform.hosts.one'][position % 2] ?? '',
      type: ['app_made', 'host_seen', 'said'][position % 3] ?? '',
      subject: `unit/${position % 13}`,
      tenant: position % 5 === 0 ? 'other' : 'default',
      actor: position % 4 === 0 ? 'user:owner' : 'system',
      // Two clocks that disagree: the times of what was written go back now and then.
      time: new Date(1.7e12 + position * 1000 - (position % 7 === 0 ? 60_000 : 0)).toISOString(),
      data: { position, text: 'ü'.repeat(position % 30) },
    });
    const body = JSON.stringify({ specversion: '1.0', ...event });
    const id = Buffer.from(event.id.replaceAll('-', ''), 'hex');
    insert.run(position, streamOf(event.segment, event.type), unitOf(event.subject, event.segment), id, body);
    events.push({ specversion: '1.0', ...event, position });
  }
  db.exec('COMMIT');
  db.close();
  return events;
}
