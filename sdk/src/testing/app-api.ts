import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

interface Kept {
  readonly revision: number;
  readonly type: string;
  readonly bytes: Buffer;
}

/** An app API for tests: KV and SQL in memory, in the shapes of docs/data.md. */
export interface TestAppApi extends AsyncDisposable {
  readonly url: string;
  /** Requests so far, as `GET /v1/kv/a`. */
  readonly asked: readonly string[];
  /** Answers the next so many requests with this. */
  refuse(times: number, status: number, problem: object, headers?: Readonly<Record<string, string>>): void;
}

/** Listens on a port of its own. */
export async function openTestAppApi(): Promise<TestAppApi> {
  const store = new Map<string, Kept>();
  const database = new DatabaseSync(':memory:');
  const asked: string[] = [];
  let revision = 0;
  let refusal = { times: 0, status: 0, problem: {}, headers: {} };

  const kvKey = async (request: IncomingMessage, response: ServerResponse, key: string): Promise<void> => {
    const kept = store.get(key);
    const { 'if-match': match, 'if-none-match': none, 'content-type': type } = request.headers;
    if (request.method === 'GET') {
      if (kept === undefined) return problem(response, 404, { code: 'kv_not_found', detail: 'No such key' });
      response.writeHead(200, { 'content-type': kept.type, etag: `"${kept.revision}"` }).end(kept.bytes);
      return;
    }
    const bytes = Buffer.concat(await request.toArray());
    if ((none === '*' && kept) || (match !== undefined && match !== `"${kept?.revision}"`)) {
      const current = kept && { etag: `"${kept.revision}"` };
      return problem(response, 412, { code: 'kv_conflict', detail: 'Another one was quicker' }, current);
    }
    revision++;
    if (request.method === 'DELETE') {
      store.delete(key);
      response.writeHead(204).end();
      return;
    }
    store.set(key, { revision, type: type ?? 'application/octet-stream', bytes });
    json(response, { revision: String(revision) }, { etag: `"${revision}"` });
  };

  const kvList = (response: ServerResponse, query: URLSearchParams): void => {
    const after = query.get('cursor') ?? '';
    const keys = [...store.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after);
    const page = keys.sort().slice(0, Number(query.get('limit') ?? 100));
    const entries = page.map((key) => {
      const { type, bytes, revision: at } = store.get(key) as Kept;
      const value = query.get('values') === 'true' ? { value: bytes.toString('base64') } : {};
      return { key, revision: String(at), size: bytes.length, content_type: type, ...value };
    });
    json(response, { entries, next: page.length < keys.length ? page.at(-1) : null });
  };

  const runOne = ({ sql, params = [] }: { sql: string; params?: unknown[] | object }) => {
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const columns = statement.columns().map(({ name }) => name);
    const given = Array.isArray(params) ? params.map(fromWire) : [named(params)];
    const before = total(database);
    const rows = statement.all(...(given as SQLInputValue[])) as unknown as unknown[][];
    const { last_insert_rowid: rowid, n } = total(database);
    const last_insert_rowid = n === before.n ? null : String(rowid);
    return { columns, rows: rows.map((row) => row.map(toWire)), changes: n - before.n, last_insert_rowid };
  };

  const sql = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    if (body.batch !== undefined) database.exec('begin');
    try {
      json(response, body.batch ? { results: body.batch.map(runOne) } : runOne(body));
      if (body.batch !== undefined) database.exec('commit');
    } catch (error) {
      if (body.batch !== undefined) database.exec('rollback');
      problem(response, 400, { code: 'sql_error', detail: (error as Error).message });
    }
  };

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://api');
    asked.push(`${request.method} ${url.pathname}`);
    if (refusal.times-- > 0) return problem(response, refusal.status, refusal.problem, refusal.headers);
    if (url.pathname === '/v1/kv') return kvList(response, url.searchParams);
    const answer =
      url.pathname === '/v1/sql'
        ? sql(request, response)
        : kvKey(request, response, decodeURIComponent(url.pathname.slice('/v1/kv/'.length)));
    answer.catch((error) => problem(response, 500, { code: 'broken', detail: String(error) }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    refuse(times, status, what, headers = {}) {
      refusal = { times, status, problem: what, headers };
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      database.close();
    },
  };
}

function total(database: DatabaseSync): { n: number; last_insert_rowid: number } {
  const query = 'select total_changes() as n, last_insert_rowid() as last_insert_rowid';
  return database.prepare(query).get() as { n: number; last_insert_rowid: number };
}

function named(params: object): object {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, fromWire(value)]));
}

function fromWire(value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  const { $int, $blob } = value as { $int?: string; $blob?: string };
  return $int === undefined ? Buffer.from($blob ?? '', 'base64') : BigInt($int);
}

function toWire(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $blob: Buffer.from(value).toString('base64') };
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : { $int: String(value) };
}

function json(response: ServerResponse, body: object, headers = {}): void {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, body: object, headers = {}): void {
  response
    .writeHead(status, { 'content-type': 'application/problem+json', ...headers })
    .end(JSON.stringify(body));
}
