/**
 * What can be kept under a key: a text is kept as `text/plain`, bytes as `application/octet-stream`, everything else as JSON.
 */
export type KvValue = string | Uint8Array | ArrayBuffer | number | boolean | null | object;

/** What lies under a key, as it was when it was read. */
export interface KvEntry {
  readonly key: string;
  /** Grows with every write of the app's data. Give it to `put` or `delete` to change only what you have seen; as an `ETag` it needs quotes. */
  readonly revision: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
  text(): string;
  json<T = unknown>(): T;
}

/** One line of a list. */
export interface KvListed {
  readonly key: string;
  readonly revision: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
  /** With `values: true` alone. */
  readonly bytes?: Uint8Array;
}

/** When a write may happen. What does not hold rejects with `KvConflict`, and nothing is written. */
export interface KvCondition {
  /** Only while this is what lies there. */
  readonly ifRevision?: string;
}

export interface KvPutOptions extends KvCondition {
  /** Only while nothing lies there. */
  readonly ifAbsent?: boolean;
  /** Instead of the one that follows from the value. */
  readonly contentType?: string;
}

export interface KvListOptions {
  /** Keys that begin with it; default: all. */
  readonly prefix?: string;
  /** Ends after so many; default: all there are. */
  readonly limit?: number;
  /** Gives the bytes along. */
  readonly values?: boolean;
}

export interface KvPageOptions {
  readonly prefix?: string;
  /** At most 1000; default 100. A page with values ends before that at 1 MiB. */
  readonly limit?: number;
  readonly values?: boolean;
  /** The `next` of the page before. */
  readonly cursor?: string | null;
}

export interface KvPage {
  readonly entries: readonly KvListed[];
  /** Where the next page begins; null: this was the last. */
  readonly next: string | null;
}

/** Durable keys and values. Keys are texts of 1 to 512 bytes, values have at most 1 MiB. */
export interface Kv {
  /** What lies under a key with its revision; null: nothing. */
  get(key: string): Promise<KvEntry | null>;
  /** The same as text; null: nothing lies there. */
  text(key: string): Promise<string | null>;
  /** The same, read as JSON. What it is, nobody checks: `T` is your word. */
  json<T = unknown>(key: string): Promise<T | null>;
  bytes(key: string): Promise<Uint8Array | null>;
  /**
   * Writes, durably: what is acknowledged survives a crash.
   *
   * @returns the revision it has now
   * @throws KvConflict when `ifRevision` or `ifAbsent` does not hold
   */
  put(key: string, value: KvValue, options?: KvPutOptions): Promise<string>;
  /**
   * Removes it; also when nothing is there.
   *
   * @throws KvConflict when `ifRevision` does not hold
   */
  delete(key: string, condition?: KvCondition): Promise<void>;
  /** Keys in the order of their bytes, fetched page by page while you read on: `for await (const { key } of kv.list({ prefix: 'note/' }))`. */
  list(options?: KvListOptions): AsyncIterable<KvListed>;
  /** One page of it, for an app that passes the cursor on to its own callers. */
  page(options?: KvPageOptions): Promise<KvPage>;
  /**
   * Reads JSON, lets `change` make the next value of it, and writes that if nobody was quicker; else once more, up to `tries` times (default 16).
   * `change` may run several times, so it should do nothing else. When it gives `undefined`, nothing is written.
   *
   * @returns what lies there now
   * @throws KvConflict when others were quicker every time
   */
  update<T extends KvValue>(
    key: string,
    change: (current: T | null) => T | undefined | Promise<T | undefined>,
    options?: { readonly tries?: number },
  ): Promise<T | null>;
}

/** What a `?` of a statement can stand for. A boolean counts as 0 or 1. */
export type SqlParameter = string | number | bigint | boolean | null | Uint8Array;

/** What a column holds. An integer beyond 2^53 is a `bigint`, a blob a `Uint8Array`. */
export type SqlValue = string | number | bigint | null | Uint8Array;

export type SqlRow = Record<string, SqlValue>;

/** What a statement has done. */
export interface SqlResult<Row = SqlRow> {
  readonly rows: Row[];
  /** Rows that it changed. */
  readonly changes: number;
  readonly lastInsertRowid: number | bigint | null;
}

/** A statement with its parameters. It runs when it is awaited, once for each `await`, or in a `sql.batch`. */
export interface SqlStatement<Row = SqlRow> extends PromiseLike<Row[]> {
  readonly text: string;
  readonly params: readonly SqlParameter[] | Readonly<Record<string, SqlParameter>>;
}

/**
 * The app's own SQLite database. What stands in `${}` becomes a parameter, never a part of the statement's text:
 *
 *     const rows = await sql<{ id: number; name: string }>`select id, name from guests where name = ${name}`;
 */
export interface Sql {
  <Row = SqlRow>(text: TemplateStringsArray, ...params: SqlParameter[]): SqlStatement<Row>;
  /** The first row, or null. */
  first<Row = SqlRow>(text: TemplateStringsArray, ...params: SqlParameter[]): Promise<Row | null>;
  /** Runs it at once and tells what it changed. */
  run(text: TemplateStringsArray, ...params: SqlParameter[]): Promise<SqlResult<SqlRow>>;
  /** A statement whose text you have as a text; `?` or `:name` stand for `params`. Put nothing into the text that a visitor has sent. */
  raw<Row = SqlRow>(
    text: string,
    params?: readonly SqlParameter[] | Readonly<Record<string, SqlParameter>>,
  ): SqlStatement<Row>;
  /** All of them in one transaction: either each of them has happened, or none. Results come in their order. */
  batch<const Statements extends readonly SqlStatement<unknown>[]>(
    statements: Statements,
  ): Promise<{
    -readonly [Index in keyof Statements]: Statements[Index] extends SqlStatement<infer Row>
      ? SqlResult<Row>
      : never;
  }>;
}

/** A call that the platform has refused, or that did not reach it. `code` says which, `hint` what to do. */
export class TabbifyError extends Error {
  constructor(problem: TabbifyProblem);
  /** One of a closed list, e.g. `sql_error`, `quota_exceeded`, `not_stateful`. */
  readonly code: string;
  /** HTTP status of the answer; 0: there was none. */
  readonly status: number;
  /** What happened, and why. */
  readonly what: string;
  readonly hint: string | undefined;
  /** Seconds after which the same call may work; undefined: it will not by itself. */
  readonly retryAfterSec: number | undefined;
}

/** What a `TabbifyError` is made of. */
export interface TabbifyProblem {
  readonly code: string;
  readonly status: number;
  readonly what: string;
  readonly hint?: string | undefined;
  readonly retryAfterSec?: number | undefined;
  readonly cause?: unknown;
}

/** Somebody was quicker: what lies under the key is not what the write was to replace. */
export class KvConflict extends TabbifyError {
  constructor(problem: TabbifyProblem, key: string, revision: string | null);
  readonly key: string;
  /** What lies there now; null: nothing. */
  readonly revision: string | null;
}

export const kv: Kv;
export const sql: Sql;
