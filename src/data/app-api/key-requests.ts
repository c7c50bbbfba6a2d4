import type { IncomingHttpHeaders } from 'node:http';
import type { TabbifyError } from '../../kit/index.ts';
import type { Condition } from '../database/key-value.ts';
import { dataError } from '../errors.ts';
import { DEFAULT_LIST_LIMIT, MAX_KEY_BYTES, MAX_LIST_LIMIT } from '../limits.ts';
import type { DataRequest } from '../process/protocol.ts';

const STRONG_TAG = /^"(\d{1,16})"$/;
const MAX_CONTENT_TYPE = 255;
const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

/** The key in a path. @param encoded what stands after `/v1/kv/`. @throws TabbifyError `kv_key_invalid` */
export function keyOf(encoded: string): string {
  let key: string;
  try {
    key = decodeURIComponent(encoded);
  } catch {
    throw keyInvalid('its percent-encoding is not UTF-8');
  }
  const bytes = Buffer.byteLength(key);
  if (bytes === 0) throw keyInvalid('it is empty');
  if (bytes > MAX_KEY_BYTES) throw keyInvalid(`it has ${bytes} bytes`);
  return key;
}

/**
 * What `if-match` and `if-none-match` of a write ask for (RFC 9110 §13.1).
 *
 * @throws TabbifyError `data_request_invalid` for what this store cannot compare
 */
export function conditionOf(headers: IncomingHttpHeaders): Condition {
  const match = headers['if-match']?.trim();
  const noneMatch = headers['if-none-match']?.trim();
  if (match !== undefined && noneMatch !== undefined) throw conditionInvalid('both headers are there');
  if (noneMatch !== undefined) {
    if (noneMatch !== '*') throw conditionInvalid('of `if-none-match` a write takes only `*`');
    return 'absent';
  }
  if (match === undefined) return null;
  if (match === '*') return 'present';
  const [, revision] = STRONG_TAG.exec(match) ?? [];
  if (revision === undefined) throw conditionInvalid('`if-match` is no revision in quotes');
  return { revision };
}

/** The type that a value is kept with. */
export function contentTypeOf(headers: IncomingHttpHeaders): string {
  const type = headers['content-type'];
  if (type === undefined || type === '') return DEFAULT_CONTENT_TYPE;
  if (type.length <= MAX_CONTENT_TYPE) return type;
  throw dataError('data_request_invalid', {
    what: '`content-type` is too long',
    why: `it has ${type.length} characters of at most ${MAX_CONTENT_TYPE}`,
    hint: 'Say what the value is, e.g. application/json',
  });
}

/** A list as the query asks for it. @throws TabbifyError `data_request_invalid` */
export function listOf(query: URLSearchParams): Extract<DataRequest, { op: 'list' }> {
  const cursor = query.get('cursor');
  const limit = Number(query.get('limit') ?? DEFAULT_LIST_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIST_LIMIT) {
    throw listInvalid(`\`limit\` is a number from 1 to ${MAX_LIST_LIMIT}`);
  }
  const values = query.get('values') ?? 'false';
  if (values !== 'true' && values !== 'false') throw listInvalid('`values` is true or false');
  const prefix = query.get('prefix') ?? '';
  if (Buffer.byteLength(prefix) > MAX_KEY_BYTES)
    throw listInvalid(`\`prefix\` has at most ${MAX_KEY_BYTES} bytes`);
  return {
    op: 'list',
    prefix,
    after: cursor === null ? null : afterCursor(cursor),
    limit,
    values: values === 'true',
  };
}

/** A page's end as a value that means nothing to who gets it. */
export function cursorAfter(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}

function afterCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString('utf8');
  if (key === '' || cursorAfter(key) !== cursor) throw listInvalid('`cursor` is not one that a list gave');
  return key;
}

function keyInvalid(why: string): TabbifyError {
  return dataError('kv_key_invalid', {
    what: 'That is no key',
    why,
    hint: `A key has 1 to ${MAX_KEY_BYTES} bytes of UTF-8, percent-encoded: /v1/kv/\${encodeURIComponent(key)}`,
  });
}

function conditionInvalid(why: string): TabbifyError {
  return dataError('data_request_invalid', {
    what: 'The condition of the write is not understood',
    why,
    hint: 'Send `if-match: "<revision>"` as the etag says it, or `if-none-match: *` for a key that must be new',
  });
}

function listInvalid(what: string): TabbifyError {
  return dataError('data_request_invalid', {
    what,
    hint: 'GET /v1/kv?prefix=&limit=100&cursor=&values=true',
  });
}
