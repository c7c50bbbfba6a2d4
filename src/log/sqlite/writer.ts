import type { DatabaseSync } from 'node:sqlite';
import type { AppendOutcome, AppendRow } from './messages.ts';
import type { Streams } from './streams.ts';

/** The writing half of the log's database. */
export interface Writer {
  /** Position of the last durable event. */
  readonly head: number;
  /**
   * Appends a group as one transaction; every row has its own outcome.
   *
   * @throws the error of SQLite when the group could not be made durable; then none of it was appended
   */
  append(rows: readonly AppendRow[]): AppendOutcome[];
}

export function createWriter(db: DatabaseSync, streams: Streams): Writer {
  const knownId = db.prepare('SELECT position FROM events WHERE id = ?');
  const findUnit = db.prepare('SELECT id FROM units WHERE subject = ? AND segment = ?');
  const addUnit = db.prepare('INSERT INTO units (subject, segment) VALUES (?, ?)');
  const lastOfUnit = db.prepare('SELECT max(position) AS position FROM events WHERE unit = ?');
  const insert = db.prepare('INSERT INTO events (position, stream, unit, id, body) VALUES (?, ?, ?, ?, ?)');
  const lastOfAll = db.prepare('SELECT max(position) AS position FROM events');

  let head = positionOf(lastOfAll.get());

  /** Order of checks: the id, then the expectation (CONTRACTS §6). */
  const appendRow = (row: AppendRow, position: number): AppendOutcome => {
    const id = Buffer.from(row.id.replaceAll('-', ''), 'hex');
    const known = knownId.get(id);
    if (known !== undefined) return { kind: 'duplicate', position: positionOf(known) };
    const unit = findUnit.get(row.subject, row.segment)?.id;
    if (row.expected !== null) {
      const last = unit === undefined ? 0 : positionOf(lastOfUnit.get(unit));
      if (last !== row.expected) return { kind: 'conflict', last };
    }
    const unitId = unit ?? addUnit.run(row.subject, row.segment).lastInsertRowid;
    insert.run(position, streams.intern(row.segment, row.type), unitId, id, row.body);
    return { kind: 'appended', position };
  };

  return {
    get head() {
      return head;
    },
    append(rows) {
      let position = head;
      db.exec('BEGIN IMMEDIATE');
      try {
        const outcomes = rows.map((row) => {
          const outcome = appendRow(row, position + 1);
          if (outcome.kind === 'appended') position = outcome.position;
          return outcome;
        });
        db.exec('COMMIT');
        head = position;
        return outcomes;
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        streams.reload();
        throw error;
      }
    },
  };
}

function positionOf(row: Record<string, unknown> | undefined): number {
  return Number(row?.position ?? 0);
}
