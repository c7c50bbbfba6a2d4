import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TabbifyError } from '../../kit/index.ts';
import { openSqlDatabase, type SqlDatabase } from './sql-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'sql-'));
let database: SqlDatabase;
beforeAll(() => {
  database = openSqlDatabase(join(folder, 'sql.db'));
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function post(body: unknown, mayCommit?: () => boolean) {
  return JSON.parse(database.run(Buffer.from(JSON.stringify(body)), 4096, mayCommit));
}

const sql = (text: string, params?: unknown) => post({ sql: text, params });

function codeOf(work: () => unknown): string {
  try {
    return `went through: ${JSON.stringify(work())}`;
  } catch (error) {
    return error instanceof TabbifyError ? error.code : String(error);
  }
}

test('statements answer columns, rows, changes and the row they made', () => {
  sql('CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT, price)');
  expect(sql('INSERT INTO book (title, price) VALUES (?, ?)', ['Dune', 9.5])).toEqual({
    ...{ columns: [], rows: [], changes: 1 },
    last_insert_rowid: '1',
  });
  sql('INSERT INTO book (title, price) VALUES (:title, :price)', { title: 'Emma', price: 7 });
  expect(sql('SELECT id, title, typeof(price) AS type FROM book ORDER BY id')).toEqual({
    columns: ['id', 'title', 'type'],
    rows: [
      [1, 'Dune', 'real'],
      [2, 'Emma', 'integer'],
    ],
    changes: 0,
    last_insert_rowid: null,
  });
  expect(sql('UPDATE book SET price = 1 RETURNING id')).toMatchObject({
    rows: [[1], [2]],
    changes: 2,
    last_insert_rowid: null,
  });
});

test('every value that SQLite has comes back as it was sent', () => {
  const integers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const value = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    integers.map((each) => ({ $int: String(each) })),
    fc.uint8Array().map((each) => ({ $blob: Buffer.from(each).toString('base64') })),
  );
  const back = (sent: unknown): unknown => {
    const { $int } = (sent ?? {}) as { $int?: string };
    const number = Number($int ?? Number.NaN);
    return Number.isSafeInteger(number) ? number : Object.is(sent, -0) ? 0 : sent;
  };
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
      const { rows } = sql(`SELECT ${values.map(() => '?').join(', ')}`, values);
      expect(rows).toEqual([values.map((each) => back(each))]);
    }),
  );
});

test('a batch is done as a whole or not at all', () => {
  sql('CREATE TABLE account (name TEXT UNIQUE)');
  const batch = [{ sql: "INSERT INTO account VALUES ('a')" }, { sql: "INSERT INTO account VALUES ('a')" }];
  expect(codeOf(() => post({ batch }))).toBe('sql_error');
  expect(sql('SELECT count(*) FROM account').rows).toEqual([[0]]);
  const { results } = post({ batch: [batch[0], { sql: 'SELECT name FROM account' }] });
  expect(results[1].rows).toEqual([['a']]);
});

test('no transaction stays open, whatever ends it', () => {
  sql('CREATE TABLE open (x UNIQUE)');
  sql('INSERT INTO open VALUES (1)');
  for (const text of ['INSERT OR ROLLBACK INTO open VALUES (1)', 'INSERT INTO open SELECT 1']) {
    const batch = [{ sql: 'INSERT INTO open VALUES (2)' }, { sql: text }];
    expect(codeOf(() => post({ batch }))).toBe('sql_error');
    expect(sql('SELECT x FROM open').rows).toEqual([[1]]);
  }
});

test('what may not be kept any more is not', () => {
  sql('CREATE TABLE late (x)');
  expect(codeOf(() => post({ sql: 'INSERT INTO late VALUES (1)' }, () => false))).toBe('sql_timeout');
  expect(sql('SELECT * FROM late').rows).toEqual([]);
});

test.each([
  "ATTACH '/tmp/other.db' AS other",
  'DETACH main',
  'VACUUM',
  "VACUUM INTO '/tmp/copy.db'",
  "SELECT load_extension('/tmp/x.so')",
  "SELECT fts3_tokenizer('simple')",
  'PRAGMA writable_schema = 1',
  'PRAGMA journal_mode = DELETE',
  'PRAGMA synchronous = OFF',
  'PRAGMA max_page_count = 1000000',
  'PRAGMA locking_mode = NORMAL',
  'PRAGMA temp_store_directory = "/etc"',
  'PRAGMA foreign_keys = OFF',
  'PRAGMA database_list',
  'SELECT * FROM pragma_database_list',
  'CREATE TEMP TABLE t (x)',
  'CREATE TEMP TRIGGER g AFTER INSERT ON book BEGIN SELECT 1; END',
  'CREATE VIRTUAL TABLE v USING dbstat',
  'CREATE VIRTUAL TABLE v USING fts4(x, tokenize=simple)',
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'SAVEPOINT s',
  'RELEASE s',
])('%s is refused', (text) => {
  expect(codeOf(() => sql(text))).toBe('sql_refused');
  expect(codeOf(() => post({ batch: [{ sql: text }] }))).not.toContain('went through');
});

test('what is refused is refused through a view, a trigger and a stored expression as well', () => {
  sql('CREATE TABLE host (x)');
  sql("CREATE TRIGGER t1 AFTER INSERT ON host BEGIN SELECT load_extension('x'); END");
  expect(codeOf(() => sql('INSERT INTO host VALUES (1)'))).not.toContain('went through');
  sql("CREATE VIEW v1 AS SELECT load_extension('x')");
  expect(codeOf(() => sql('SELECT * FROM v1'))).not.toContain('went through');
  sql("CREATE TABLE d1 (x DEFAULT (load_extension('x')), y)");
  expect(codeOf(() => sql('INSERT INTO d1 (y) VALUES (1)'))).not.toContain('went through');
});

test.each(["UPDATE sqlite_master SET sql = 'x'", 'DELETE FROM sqlite_schema', 'DROP TABLE sqlite_master'])(
  'the schema is not to be written to: %s',
  (text) => expect(codeOf(() => sql(text))).not.toContain('went through'),
);

test.each([
  ['a second statement', 'SELECT 1; DROP TABLE book', 'sql_error'],
  ['a blob larger than a row may be', 'SELECT zeroblob(100000000)', 'sql_error'],
  ['a text made large by padding', "SELECT printf('%100000000d', 1)", 'sql_error'],
  ['an expression that nests too deep', `SELECT ${'abs('.repeat(900)}1${')'.repeat(900)}`, 'sql_error'],
  [
    'too many parts of a compound',
    Array.from({ length: 400 }, () => 'SELECT 1').join(' UNION ALL '),
    'sql_error',
  ],
  ['a pattern that is too long', `SELECT 'a' LIKE '${'%a'.repeat(9000)}'`, 'sql_error'],
  [
    'a result over 1 MiB',
    'WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c',
    'result_too_large',
  ],
  ['no text', '  ', 'sql_error'],
  ['no statement', '-- nothing', 'sql_error'],
])('%s is told', (_, text, code) => {
  expect(codeOf(() => sql(text))).toBe(code);
});

test('a change whose result is too large is not kept', () => {
  sql('CREATE TABLE wide (x)');
  const text = `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 200)
    INSERT INTO wide SELECT hex(zeroblob(4000)) FROM c RETURNING x`;
  expect(codeOf(() => sql(text))).toBe('result_too_large');
  expect(sql('SELECT count(*) FROM wide').rows).toEqual([[0]]);
});

test('search, JSON, dates, mathematics and changes of the schema are there', () => {
  sql('CREATE VIRTUAL TABLE note USING fts5(text)');
  sql("INSERT INTO note VALUES ('salt and pepper')");
  expect(
    sql("SELECT highlight(note, 0, '<', '>') FROM note WHERE note MATCH 'pepper' ORDER BY rank").rows,
  ).toEqual([['salt and <pepper>']]);
  expect(sql("SELECT value FROM json_each('[1,2]')").rows).toEqual([[1], [2]]);
  expect(sql("SELECT date('2026-01-31', '+1 day'), pow(2, 10), group_concat(title) FROM book").rows).toEqual([
    ['2026-02-01', 1024, 'Dune,Emma'],
  ]);
  sql('ALTER TABLE note RENAME TO memo');
  sql('ALTER TABLE book RENAME COLUMN price TO cost');
  sql('ALTER TABLE book DROP COLUMN cost');
  sql('DROP TABLE memo');
  expect(sql('PRAGMA table_info(book)').rows).toHaveLength(2);
});

test('at the quota nothing more is written, and room is there again after a delete', () => {
  const small = openSqlDatabase(join(folder, 'small.db'));
  try {
    const run = (text: string) => small.run(Buffer.from(JSON.stringify({ sql: text })), 64);
    run('CREATE TABLE big (x)');
    run('INSERT INTO big VALUES (zeroblob(150000))');
    expect(codeOf(() => run('INSERT INTO big VALUES (zeroblob(150000))'))).toBe('quota_exceeded');
    run('DELETE FROM big');
    run('INSERT INTO big VALUES (zeroblob(150000))');
    expect(small.pages()).toBeLessThanOrEqual(64);
  } finally {
    small.close();
  }
});

test('space that deleted rows leave is given back', () => {
  const file = openSqlDatabase(join(folder, 'shrinks.db'));
  try {
    const run = (text: string) => file.run(Buffer.from(JSON.stringify({ sql: text })), 4096);
    run('CREATE TABLE big (x)');
    for (let n = 0; n < 8; n++) run('INSERT INTO big VALUES (zeroblob(1000000))');
    run('DELETE FROM big');
    while (file.tidy());
    expect(file.pages()).toBeLessThan(300);
  } finally {
    file.close();
  }
});
