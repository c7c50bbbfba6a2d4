import { constants, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import { dataError, timedOut } from '../errors.ts';
import { MAX_BATCH, MAX_RESULT_BYTES, MAX_ROW_BYTES } from '../limits.ts';
import { blankView, hintFor, judge, type StatementView } from './authorizer.ts';
import { giveSpaceBack, openFile, pagesOf } from './open-file.ts';
import { failureOf } from './sqlite-failure.ts';
import { fromSqlite, toSqlite } from './values.ts';

/** The database that an app's SQL runs in. Everything is synchronous, and nothing but the end of the process stops a statement. */
export interface SqlDatabase {
  /**
   * Runs the body of a `POST /v1/sql`: `{sql, params}`, or `{batch: [{sql, params}, …]}` in one transaction.
   *
   * @param maxPages pages that the file may have after it
   * @param mayCommit asked once, before what was changed is kept: false gives it up
   * @returns the answer as JSON text
   * @throws TabbifyError `sql_error`, `sql_refused`, `result_too_large`, `quota_exceeded`, `disk_full`; nothing of it is kept
   */
  run(body: Uint8Array, maxPages: number, mayCommit?: () => boolean): string;
  /** Pages the file has. */
  pages(): number;
  /** Gives pages of deleted rows back to the disk, a part of them. @returns whether more are left */
  tidy(): boolean;
  close(): void;
}

interface Asked {
  readonly sql: string;
  readonly params: unknown;
}

interface Known {
  readonly statement: StatementSync;
  readonly view: StatementView;
  readonly isQuery: boolean;
  readonly columns: string;
}

/** Statements that stay compiled, and the longest text of one. */
const MAX_KNOWN = 200;
const MAX_KNOWN_SQL = 16 * 1024;

/** Milliseconds for a process that was killed a moment ago to let go of the file. */
const HANDOVER_MS = 5_000;

/** Opens, or makes, the file. @throws what SQLite says, e.g. `database is locked` */
export function openSqlDatabase(path: string): SqlDatabase {
  const limits = {
    length: MAX_ROW_BYTES,
    sqlLength: MAX_ROW_BYTES,
    column: 1000,
    exprDepth: 200,
    compoundSelect: 100,
    functionArg: 127,
    attach: 0,
    likePatternLength: 5000,
    variableNumber: 32_766,
    triggerDepth: 32,
    vdbeOp: 1_000_000,
  };
  const db = openFile(path, limits, HANDOVER_MS);
  db.exec(
    'PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF',
  );
  let view = blankView();
  let isOurs = false;
  db.setAuthorizer((action, first, second) => {
    if (isOurs) return constants.SQLITE_OK;
    const refused = judge(view, action, first, second);
    if (refused === null) return constants.SQLITE_OK;
    view.refused ??= refused;
    return constants.SQLITE_DENY;
  });
  const known = new Map<string, Known>();
  const ours = <Value>(work: () => Value): Value => {
    isOurs = true;
    try {
      return work();
    } finally {
      isOurs = false;
    }
  };
  const counters = ours(() => db.prepare('SELECT total_changes(), changes(), last_insert_rowid()'));
  counters.setReturnArrays(true);
  counters.setReadBigInts(true);
  let maxPages = 0;

  function compile(sql: string): Known {
    const found = known.get(sql);
    if (found !== undefined) return found;
    view = blankView();
    const statement = db.prepare(sql);
    if (!isBlank(sql.slice(statement.sourceSQL.length))) {
      throw dataError('sql_error', {
        what: 'The text holds more than one statement',
        hint: 'Send one statement at a time, or several as {"batch":[{"sql":…,"params":…},…]}',
      });
    }
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    const columns = statement.columns().map(({ name }) => name);
    const isQuery = columns.length > 0;
    const made = { statement, view, isQuery, columns: JSON.stringify(columns) };
    if (sql.length <= MAX_KNOWN_SQL) {
      known.set(sql, made);
      if (known.size > MAX_KNOWN) known.delete(known.keys().next().value ?? '');
    }
    return made;
  }

  /** Compiling meets the authorizer without doing anything; so does text that holds no statement. */
  function isBlank(rest: string): boolean {
    if (rest.trim() === '') return true;
    try {
      db.prepare(rest);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_INVALID_ARG_VALUE';
    }
  }

  function execute(made: Known, params: unknown, room: number): string {
    const { statement } = made;
    view = made.view; // virtual tables compile statements of their own while it runs
    const { named, positional } = parametersOf(params);
    const before = made.view.writes ? counted() : null;
    let rows = '';
    if (made.isQuery) {
      rows = rowsOf(
        named === null ? statement.iterate(...positional) : statement.iterate(named, ...positional),
        room,
      );
    } else if (named === null) statement.run(...positional);
    else statement.run(named, ...positional);
    const after = before === null ? null : counted();
    const isChanged = before !== null && after !== null && after.total !== before.total;
    const changes = isChanged ? Number(after.last) : 0;
    const rowid = isChanged && made.view.inserts ? JSON.stringify(String(after.rowid)) : 'null';
    return `{"columns":${made.columns},"rows":[${rows}],"changes":${changes},"last_insert_rowid":${rowid}}`;
  }

  function counted(): { readonly total: bigint; readonly last: bigint; readonly rowid: bigint } {
    const [total = 0n, last = 0n, rowid = 0n] = counters.get() as unknown as bigint[];
    return { total, last, rowid };
  }

  function runAll(asked: readonly Asked[]): string[] {
    let room = MAX_RESULT_BYTES;
    return asked.map(({ sql, params }, index) => {
      try {
        const result = execute(compile(sql), params, room);
        room -= result.length;
        if (room < 0) throw tooLarge();
        return result;
      } catch (error) {
        throw told(error, asked.length > 1 ? `batch[${index}]: ` : '');
      }
    });
  }

  function told(error: unknown, where: string): TabbifyError {
    const { refused } = view;
    view.refused = null;
    if (refused !== null) {
      return dataError('sql_refused', {
        what: `${where}The statement ${refused}`,
        why: 'SQL of apps may not do that',
        hint: hintFor(refused),
        cause: error,
      });
    }
    return failureOf(error, where, path);
  }

  return {
    run(body, pages, mayCommit = () => true) {
      const { asked, isBatch } = readBody(body);
      setQuota(pages);
      const needsTransaction = isBatch || compileSingle(asked);
      if (!needsTransaction) return runAll(asked)[0] ?? '';
      ours(() => db.exec('BEGIN IMMEDIATE'));
      try {
        const results = runAll(asked);
        if (!mayCommit()) throw timedOut();
        ours(() => db.exec('COMMIT'));
        return isBatch ? `{"results":[${results.join(',')}]}` : (results[0] ?? '');
      } catch (error) {
        if (db.isTransaction) ours(() => db.exec('ROLLBACK'));
        throw error instanceof TabbifyError ? error : told(error, '');
      }
    },
    pages: () => ours(() => pagesOf(db)),
    tidy: () => ours(() => giveSpaceBack(db)),
    close: () => db.close(),
  };

  /** Does the one statement change anything? */
  function compileSingle(asked: readonly Asked[]): boolean {
    try {
      return compile(asked[0]?.sql ?? '').view.writes;
    } catch (error) {
      throw error instanceof TabbifyError ? error : told(error, '');
    }
  }

  function setQuota(pages: number): void {
    if (pages === maxPages) return;
    maxPages = pages;
    ours(() => db.exec(`PRAGMA max_page_count = ${Math.max(1, pages)}`));
  }
}

/** Rows as JSON, without the brackets around them. @throws TabbifyError `result_too_large` */
function rowsOf(rows: Iterable<unknown>, room: number): string {
  const texts: string[] = [];
  let size = 0;
  for (const row of rows) {
    const text = JSON.stringify(
      (row as (bigint | string | number | null | Uint8Array<ArrayBuffer>)[]).map(fromSqlite),
    );
    size += Buffer.byteLength(text) + 1;
    if (size > room) throw tooLarge();
    texts.push(text);
  }
  return texts.join(',');
}

function tooLarge(): TabbifyError {
  return dataError('result_too_large', {
    what: `The result is over ${MAX_RESULT_BYTES / 1024 / 1024} MiB`,
    why: 'an answer holds no more',
    hint: 'Ask for fewer rows or columns: LIMIT, and WHERE id > the last one you have, read page by page',
  });
}

function parametersOf(params: unknown): {
  readonly named: Record<string, SQLInputValue> | null;
  readonly positional: SQLInputValue[];
} {
  if (params === undefined || params === null) return { named: null, positional: [] };
  if (Array.isArray(params)) {
    return { named: null, positional: params.map((each, index) => toSqlite(each, `params[${index}]`)) };
  }
  if (typeof params !== 'object') {
    throw dataError('sql_error', {
      what: '`params` is neither a list nor an object',
      hint: 'Send "params":[1,"two"] for ?, or "params":{"name":"two"} for :name',
    });
  }
  const entries = Object.entries(params).map(
    ([name, each]) => [name, toSqlite(each, `params.${name}`)] as const,
  );
  return { named: Object.fromEntries(entries), positional: [] };
}

function readBody(body: Uint8Array): { readonly asked: readonly Asked[]; readonly isBatch: boolean } {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch (error) {
    throw invalid(`The body is no JSON: ${messageOf(error)}`);
  }
  if (typeof value !== 'object' || value === null) throw invalid('The body is no JSON object');
  const { sql, params, batch } = value as { sql?: unknown; params?: unknown; batch?: unknown };
  if (batch === undefined) return { asked: [askedOf({ sql, params }, '`sql`')], isBatch: false };
  if (!Array.isArray(batch) || sql !== undefined) throw invalid('A body has `sql`, or `batch`, a list');
  if (batch.length > MAX_BATCH) throw invalid(`A batch has at most ${MAX_BATCH} statements`);
  return { asked: batch.map((each, index) => askedOf(each, `batch[${index}].sql`)), isBatch: true };
}

function askedOf(value: unknown, where: string): Asked {
  const { sql, params } = (value ?? {}) as { sql?: unknown; params?: unknown };
  if (typeof sql !== 'string' || sql.trim() === '') throw invalid(`${where} is not the text of a statement`);
  return { sql, params };
}

function invalid(what: string): TabbifyError {
  return dataError('sql_error', {
    what,
    hint: 'Send {"sql":"SELECT …","params":[…]} or {"batch":[{"sql":…,"params":…},…]} as JSON',
  });
}
