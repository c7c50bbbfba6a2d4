import type { Sql, SqlParameter, SqlResult, SqlStatement, SqlValue } from '../index.d.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { call } from './call.ts';
import { misuse } from './errors.ts';

type Params = SqlStatement['params'];

/** The app's own SQLite database. */
export const sql: Sql = Object.assign(
  <Row>(text: TemplateStringsArray, ...params: SqlParameter[]) => statement<Row>(text.join('?'), params),
  {
    async first<Row>(text: TemplateStringsArray, ...params: SqlParameter[]) {
      return (await statement<Row>(text.join('?'), params))[0] ?? null;
    },
    run: (text: TemplateStringsArray, ...params: SqlParameter[]) => run(statement(text.join('?'), params)),
    raw: <Row>(text: string, params: Params = []) => statement<Row>(text, params),
    async batch(statements: readonly SqlStatement<unknown>[]) {
      if (statements.length === 0) return [];
      const { results } = await post<{ results: Answer[] }>({ batch: statements.map(wire) });
      return results.map(resultOf);
    },
  },
) as Sql;

function statement<Row>(text: string, params: Params): SqlStatement<Row> {
  const made: SqlStatement<Row> = {
    text,
    params,
    // biome-ignore lint/suspicious/noThenProperty: a statement is made first and runs when it is awaited, alone or in a batch
    then: (done, failed) =>
      run(made)
        .then(({ rows }) => rows)
        .then(done, failed),
  };
  return made;
}

interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly changes: number;
  readonly last_insert_rowid: string | null;
}

async function run<Row>(one: SqlStatement<Row>): Promise<SqlResult<Row>> {
  return resultOf<Row>(await post<Answer>(wire(one)));
}

async function post<T>(body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await call({ method: 'POST', path: '/sql', headers, body: JSON.stringify(body) });
  return (await response.json()) as T;
}

function resultOf<Row>({ columns, rows, changes, last_insert_rowid: rowid }: Answer): SqlResult<Row> {
  return {
    rows: rows.map(
      (row) => Object.fromEntries(columns.map((name, index) => [name, columnValue(row[index])])) as Row,
    ),
    changes,
    lastInsertRowid: rowid === null ? null : integerOf(rowid),
  };
}

/** JSON has no integers beyond 2^53 and no bytes: both go as an object of one member. */
function columnValue(value: unknown): SqlValue {
  if (typeof value !== 'object' || value === null) return value as SqlValue;
  if ('$int' in value) return BigInt(value.$int as string);
  return fromBase64((value as { $blob: string }).$blob);
}

function integerOf(text: string): number | bigint {
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text);
}

function wire({ text, params }: SqlStatement<unknown>): object {
  if (Array.isArray(params)) return { sql: text, params: params.map(wireValue) };
  const named = Object.entries(params).map(([name, value]) => [name, wireValue(value, name)]);
  return { sql: text, params: Object.fromEntries(named) };
}

function wireValue(value: unknown, place: string | number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      break;
    case 'bigint':
      return { $int: String(value) };
    default:
      if (value === null) return value;
      if (value instanceof Uint8Array) return { $blob: toBase64(value) };
  }
  throw misuse(
    'sql_parameter_invalid',
    `Parameter ${typeof place === 'number' ? place + 1 : place} is ${describe(value)}, which SQLite cannot hold`,
    'Give a text, a finite number, a bigint, a boolean, null or a Uint8Array; a date as `date.toISOString()`, anything else as `JSON.stringify(value)`.',
  );
}

function describe(value: unknown): string {
  if (typeof value === 'number' || value === undefined) return String(value);
  return typeof value === 'object' ? `a ${value?.constructor?.name ?? 'object'}` : `a ${typeof value}`;
}
