import { messageOf, type TabbifyError } from '../../kit/index.ts';
import { dataError } from '../errors.ts';
import { MAX_LIST_BYTES } from '../limits.ts';
import { giveSpaceBack, openFile, pagesOf } from './open-file.ts';
import { failureOf } from './sqlite-failure.ts';

/** What must hold of a key for it to be written; null: nothing. */
export type Condition = { readonly revision: string } | 'absent' | 'present' | null;

export interface StoredValue {
  readonly revision: string;
  readonly contentType: string;
  readonly value: Uint8Array;
}

export interface ListedKey {
  readonly key: string;
  readonly revision: string;
  readonly size: number;
  readonly content_type: string;
  /** Base64; only where values are asked for. */
  readonly value?: string;
}

export interface ListRequest {
  readonly prefix: string;
  /** The last key of the page before; null: from the beginning. */
  readonly after: string | null;
  readonly limit: number;
  readonly values: boolean;
}

export interface ListPage {
  readonly entries: readonly ListedKey[];
  /** Last key of this page when more follow. */
  readonly last: string | null;
}

/** One thing to do with keys. */
export type KeyRequest =
  | { readonly op: 'get'; readonly key: string }
  | ({ readonly op: 'list' } & ListRequest)
  | {
      readonly op: 'put';
      readonly key: string;
      readonly contentType: string;
      readonly value: Uint8Array;
      readonly condition: Condition;
    }
  | { readonly op: 'delete'; readonly key: string; readonly condition: Condition };

/** What came of it; `conflict` and `refused` have changed nothing. */
export type KeyReply =
  | { readonly kind: 'value'; readonly found: StoredValue | null }
  | { readonly kind: 'page'; readonly page: ListPage }
  | { readonly kind: 'written'; readonly revision: string }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'conflict'; readonly revision: string | null }
  | { readonly kind: 'refused'; readonly error: TabbifyError };

/** The key-value store of an app: synchronous, one transaction for many requests. */
export interface KeyValue {
  /**
   * Carries requests out in their order, all that write in one transaction, and comes back when that is on disk. A request that
   * fails does not touch the others.
   *
   * @param maxPages pages that the file may have after it
   */
  run(requests: readonly KeyRequest[], maxPages: number): KeyReply[];
  /** Pages the file has. */
  pages(): number;
  /** As `SqlDatabase.tidy`. */
  tidy(): boolean;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS kv (key BLOB NOT NULL UNIQUE, revision INTEGER NOT NULL, content_type TEXT NOT NULL, value BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);
  INSERT OR IGNORE INTO counter VALUES (1, 0);`;

/** Opens, or makes, the file. @throws what SQLite says, e.g. `database is locked` */
export function openKeyValue(path: string): KeyValue {
  const db = openFile(path, {});
  db.exec(SCHEMA);
  const revisionOf = db.prepare('SELECT revision FROM kv WHERE key = ?');
  const read = db.prepare('SELECT revision, content_type, value FROM kv WHERE key = ?');
  const write = db.prepare(
    `INSERT INTO kv VALUES (?, ?, ?, ?) ON CONFLICT (key)
     DO UPDATE SET revision = excluded.revision, content_type = excluded.content_type, value = excluded.value`,
  );
  const remove = db.prepare('DELETE FROM kv WHERE key = ?');
  const next = db.prepare('UPDATE counter SET revision = revision + 1 RETURNING revision');
  const columns = 'key, revision, content_type, length(value) AS size';
  const where = 'FROM kv WHERE key >= ? AND key > ? AND (? IS NULL OR key < ?) ORDER BY key LIMIT ?';
  const listKeys = db.prepare(`SELECT ${columns} ${where}`);
  const listValues = db.prepare(`SELECT ${columns}, value ${where}`);
  let maxPages = 0;

  function current(key: Uint8Array): string | null {
    const row = revisionOf.get(key);
    return row === undefined ? null : String(row.revision);
  }

  function one(request: KeyRequest): KeyReply {
    if (request.op === 'list') return { kind: 'page', page: list(request) };
    const key = Buffer.from(request.key, 'utf8');
    if (request.op === 'get') {
      const row = read.get(key);
      if (row === undefined) return { kind: 'value', found: null };
      const found = {
        revision: String(row.revision),
        contentType: String(row.content_type),
        value: row.value as Uint8Array,
      };
      return { kind: 'value', found };
    }
    if (request.condition !== null) {
      const revision = current(key);
      if (!holds(request.condition, revision)) return { kind: 'conflict', revision };
    }
    const revision = Number(next.get()?.revision);
    if (request.op === 'delete') {
      remove.run(key);
      return { kind: 'deleted' };
    }
    write.run(key, revision, request.contentType, request.value);
    return { kind: 'written', revision: String(revision) };
  }

  function list({ prefix, after, limit, values }: ListRequest): ListPage {
    const from = Buffer.from(prefix, 'utf8');
    const end = endOf(from);
    const last = after === null ? Buffer.alloc(0) : Buffer.from(after, 'utf8');
    const entries: ListedKey[] = [];
    let size = 0;
    // One more than asked for tells whether anything follows.
    for (const row of (values ? listValues : listKeys).iterate(from, last, end, end, limit + 1)) {
      const found = {
        key: Buffer.from(row.key as Uint8Array).toString('utf8'),
        revision: String(row.revision),
        size: Number(row.size),
        content_type: String(row.content_type),
      };
      size += values ? found.size : 0;
      const isFull = entries.length >= limit || (size > MAX_LIST_BYTES && entries.length > 0);
      if (isFull) return { entries, last: entries.at(-1)?.key ?? null };
      entries.push(
        values ? { ...found, value: Buffer.from(row.value as Uint8Array).toString('base64') } : found,
      );
    }
    return { entries, last: null };
  }

  function together(requests: readonly KeyRequest[]): KeyReply[] {
    db.exec('BEGIN IMMEDIATE');
    try {
      const replies = requests.map(one);
      db.exec('COMMIT');
      return replies;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  function alone(request: KeyRequest): KeyReply {
    try {
      return (isWrite(request) ? together([request]) : [one(request)])[0] ?? { kind: 'deleted' };
    } catch (error) {
      return { kind: 'refused', error: refusalOf(error) };
    }
  }

  function refusalOf(error: unknown): TabbifyError {
    const failure = failureOf(error, '', path);
    if (failure.code !== 'sql_error') return failure;
    return dataError('data_unavailable', {
      what: 'The key could not be read or written',
      why: messageOf(error),
      cause: error,
    });
  }

  return {
    run(requests, pages) {
      if (pages !== maxPages) {
        maxPages = pages;
        db.exec(`PRAGMA max_page_count = ${Math.max(1, pages)}`);
      }
      if (!requests.some(isWrite)) return requests.map(alone);
      try {
        return together(requests);
      } catch {
        return requests.map(alone); // the one that failed is told, the others are not to pay for it
      }
    },
    pages: () => pagesOf(db),
    tidy: () => giveSpaceBack(db),
    close: () => db.close(),
  };
}

function isWrite({ op }: KeyRequest): boolean {
  return op === 'put' || op === 'delete';
}

function holds(condition: Exclude<Condition, null>, revision: string | null): boolean {
  if (condition === 'absent') return revision === null;
  if (condition === 'present') return revision !== null;
  return condition.revision === revision;
}

/** The first key after all that begin with `prefix`, in byte order; null: there is none. */
function endOf(prefix: Uint8Array): Buffer | null {
  // UTF-8 has no byte 0xff, so that the last byte can always be raised.
  if (prefix.length === 0) return null;
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  return end;
}
