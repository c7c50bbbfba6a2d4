import type { DatabaseSync } from 'node:sqlite';
import type { StoredEvent } from '../../../log/index.ts';
import type { UnfinishedWork } from '../projection.ts';
import type { Labels } from './labels.ts';

/**
 * Takes the words of erased events out of the index, a few at a time: a run of retention may erase very many. After the
 * last step no byte of theirs is left in the files.
 */
export interface Erasures extends UnfinishedWork {
  /** Takes note of a `payload_erased`, inside the caller's transaction. */
  note(event: StoredEvent): void;
}

/** Events of a step: about as many milliseconds. */
const STEP = 32;

export function createErasures(db: DatabaseSync, labels: Pick<Labels, 'find'>): Erasures {
  const add = db.prepare('INSERT INTO timeline_erasures (tenant, subject, through) VALUES (?, ?, ?)');
  const first = db.prepare('SELECT id, tenant, subject, through FROM timeline_erasures ORDER BY id LIMIT 1');
  const finish = db.prepare('DELETE FROM timeline_erasures WHERE id = ?');
  const ofSubject = db.prepare(
    `SELECT position, keys, text FROM timeline_erasable INDEXED BY timeline_erasable_subject
     WHERE subject = ? AND tenant = ? AND position <= ? ORDER BY position LIMIT ${STEP}`,
  );
  const oldest = db.prepare(
    `SELECT position, keys, text FROM timeline_erasable INDEXED BY timeline_erasable_traffic
     WHERE traffic = 1 AND position <= ? ORDER BY position LIMIT ${STEP}`,
  );
  const removeWords = db.prepare(
    "INSERT INTO timeline_words (timeline_words, rowid, keys, text) VALUES ('delete', ?, ?, ?)",
  );
  const removeErasable = db.prepare('DELETE FROM timeline_erasable WHERE position = ?');
  let pending = first.get() !== undefined;

  const work = () => {
    const erasure = first.get();
    if (erasure === undefined) {
      pending = false;
      return;
    }
    const { subject, tenant, through } = erasure;
    const rows =
      subject === null || subject === undefined
        ? oldest.all(Number(through))
        : ofSubject.all(Number(subject), Number(tenant), Number(through));
    for (const { position, keys, text } of rows) {
      removeWords.run(BigInt(Number(position)), String(keys), String(text));
      removeErasable.run(Number(position));
    }
    if (rows.length < STEP) finish.run(Number(erasure.id));
  };

  return {
    get pending() {
      return pending;
    },
    note({ tenant, data }) {
      const through = Number(data.through);
      if (!Number.isSafeInteger(through)) return;
      if (data.reason === 'asked') {
        const subject = labels.find('subject', String(data.subject));
        const office = labels.find('tenant', tenant);
        if (subject === null || office === null) return; // nothing about it was ever here
        add.run(office, subject, through);
      } else {
        add.run(null, null, through); // by age and by size the oldest bodies go, of every office
      }
      pending = true;
    },
    step() {
      db.exec('BEGIN IMMEDIATE');
      try {
        work();
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
      // the write-ahead log still has what was removed
      if (!pending) db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
  };
}
