import type {
  Kv,
  KvEntry,
  KvListed,
  KvListOptions,
  KvPage,
  KvPageOptions,
  KvPutOptions,
  TabbifyProblem,
} from '../index.d.ts';
import { fromBase64 } from './base64.ts';
import { call, wait } from './call.ts';
import { KvConflict, misuse, TabbifyError } from './errors.ts';

const PAGE = 100;
const LARGEST_PAGE = 1000;
const UPDATE_TRIES = 16;

/** Durable keys and values. */
export const kv: Kv = {
  get,
  text: async (key) => (await get(key))?.text() ?? null,
  json: async (key) => (await get(key))?.json() ?? null,
  bytes: async (key) => (await get(key))?.bytes ?? null,

  async put(key, value, options = {}) {
    const { body, type } = encoded(value);
    const headers = { 'content-type': options.contentType ?? type, ...conditionOf(options) };
    const response = await call({ method: 'PUT', path: pathOf(key), headers, body }, refusedAt(key));
    return ((await response.json()) as { revision: string }).revision;
  },

  async delete(key, condition = {}) {
    await call({ method: 'DELETE', path: pathOf(key), headers: conditionOf(condition) }, refusedAt(key));
  },

  list,
  page,

  async update<T>(
    key: string,
    change: (current: T | null) => T | undefined | Promise<T | undefined>,
    { tries = UPDATE_TRIES } = {},
  ) {
    for (let attempt = 1; ; attempt++) {
      const entry = await get(key);
      const current = entry?.json<T>() ?? null;
      const next = await change(current);
      if (next === undefined) return current;
      try {
        await kv.put(key, JSON.stringify(next), {
          contentType: 'application/json',
          ...(entry === null ? { ifAbsent: true } : { ifRevision: entry.revision }),
        });
        return next;
      } catch (error) {
        if (!(error instanceof KvConflict) || attempt >= tries) throw error;
        await wait(Math.random() * 2 ** Math.min(attempt, 6)); // so that those who race do not go on in step
      }
    }
  },
};

async function get(key: string): Promise<KvEntry | null> {
  const response = await call({ method: 'GET', path: pathOf(key) }, (problem) =>
    problem.code === 'kv_not_found' ? null : new TabbifyError(problem),
  );
  if (response.status === 404) return null;
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = (): string => new TextDecoder().decode(bytes);
  return {
    key,
    revision: revisionIn(response) ?? '',
    contentType: response.headers.get('content-type') ?? 'application/octet-stream',
    bytes,
    text,
    json: <T>() => JSON.parse(text()) as T,
  };
}

/** What the platform says of a page. */
interface PageAnswer {
  readonly entries: readonly {
    readonly key: string;
    readonly revision: string;
    readonly size: number;
    readonly content_type: string;
    readonly value?: string;
  }[];
  readonly next: string | null;
}

async function page({
  prefix = '',
  limit = PAGE,
  values = false,
  cursor = null,
}: KvPageOptions = {}): Promise<KvPage> {
  const query = new URLSearchParams({ prefix, limit: String(limit) });
  if (values) query.set('values', 'true');
  if (cursor !== null) query.set('cursor', cursor);
  const response = await call({ method: 'GET', path: `/kv?${query}` });
  const { entries, next } = (await response.json()) as PageAnswer;
  const listed = entries.map(({ content_type: contentType, value, ...entry }) => ({
    ...entry,
    contentType,
    ...(value !== undefined && { bytes: fromBase64(value) }),
  }));
  return { entries: listed, next };
}

async function* list({
  prefix = '',
  limit = Number.POSITIVE_INFINITY,
  values = false,
}: KvListOptions = {}): AsyncGenerator<KvListed, void, void> {
  let left = limit;
  let cursor: string | null = null;
  while (left > 0) {
    const size = Number.isFinite(limit) ? Math.min(left, LARGEST_PAGE) : PAGE;
    const { entries, next }: KvPage = await page({ prefix, limit: size, values, cursor });
    for (const entry of entries) {
      yield entry;
      if (--left <= 0) return;
    }
    if (next === null) return;
    cursor = next;
  }
}

function pathOf(key: string): string {
  // Every URL parser takes `.` and `..` for folders, however they are written.
  const fits = typeof key === 'string' && key.isWellFormed() && !['', '.', '..'].includes(key);
  if (fits) return `/kv/${encodeURIComponent(key)}`;
  throw misuse(
    'kv_key_invalid',
    'A key is a text of 1 to 512 bytes, and neither `.` nor `..`',
    'Give a key, e.g. `notes/1`.',
  );
}

function encoded(value: unknown): { body: string | Uint8Array<ArrayBuffer>; type: string } {
  if (typeof value === 'string') return { body: value, type: 'text/plain; charset=utf-8' };
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    return { body: new Uint8Array(value), type: 'application/octet-stream' };
  }
  const body: string | undefined = JSON.stringify(value);
  if (body !== undefined) return { body, type: 'application/json' };
  throw misuse(
    'kv_value_invalid',
    `${typeof value} cannot be kept`,
    'Give a text, bytes, or what JSON knows; `kv.delete` removes a key.',
  );
}

function conditionOf({ ifRevision, ifAbsent }: KvPutOptions): Record<string, string> {
  if (ifAbsent === true) return { 'if-none-match': '*' };
  return ifRevision === undefined ? {} : { 'if-match': `"${ifRevision}"` };
}

function refusedAt(key: string) {
  return (problem: TabbifyProblem, response: Response): Error =>
    problem.code === 'kv_conflict'
      ? new KvConflict(problem, key, revisionIn(response))
      : new TabbifyError(problem);
}

function revisionIn(response: Response): string | null {
  return response.headers.get('etag')?.replace(/^W\/|"/g, '') ?? null;
}
