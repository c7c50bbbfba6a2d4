import type { IncomingMessage } from 'node:http';
import { CONNECTION_FIELDS } from '../../kit/index.ts';

const NEVER_IN_TRAILERS = new Set([
  ...CONNECTION_FIELDS,
  'content-length',
  'host',
  'set-cookie',
  'authorization',
]);
/** The platform's own; nobody sends them as trailers. */
const PLATFORM_PREFIX = 'tabbify-';

/**
 * Headers of a visitor's request as the app gets them: a flat list for `http.request`.
 *
 * @param hasBody something follows the head; if it has no length, it is sent in chunks
 */
export function requestHeaders(request: IncomingMessage, hasBody: boolean): string[] {
  const { rawHeaders } = request;
  const named = namedByConnection(request.headers.connection);
  const kept: string[] = [];
  let hasHost = false;
  let hasLength = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const lower = name.toLowerCase();
    // The runner's own server has answered an `Expect` already.
    if (CONNECTION_FIELDS.has(lower) || lower === 'expect' || named?.has(lower)) continue;
    if (lower === 'host') hasHost = true;
    else if (lower === 'content-length') hasLength = true;
    kept.push(name, rawHeaders[index + 1] as string);
  }
  if (!hasHost) kept.push('Host', ''); // HTTP/1.0 may leave it out
  if (hasBody && !hasLength) kept.push('Transfer-Encoding', 'chunked');
  // Without it node would send the methods that usually have a body in chunks.
  if (!hasBody && !hasLength && METHODS_WITH_BODY.has(request.method ?? '')) kept.push('Content-Length', '0');
  return kept;
}

const METHODS_WITH_BODY = {
  has: (method: string) =>
    method !== 'GET' &&
    method !== 'HEAD' &&
    method !== 'DELETE' &&
    method !== 'OPTIONS' &&
    method !== 'TRACE',
};

/**
 * Headers of an app's answer as the visitor gets them: a flat list for `writeHead`.
 *
 * @returns null: its body is framed in a way that the visitor's side could read otherwise
 */
export function answerHeaders(answer: IncomingMessage): string[] | null {
  const { rawHeaders, statusCode } = answer;
  let named: ReadonlySet<string> | null = null;
  let isChunked = false;
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1] as string;
    const lower = name.toLowerCase();
    if (!CONNECTION_FIELDS.has(lower)) kept.push(name, value);
    else if (lower === 'connection') named = namedByConnection(value) ?? named;
    else if (lower === 'transfer-encoding') {
      if (isChunked || value.trim().toLowerCase() !== 'chunked') return null;
      isChunked = true;
    }
  }
  // RFC 9110 §8.6: no length with 204, nor beside chunks.
  if (statusCode === 204 || isChunked) drop(kept, (name) => name === 'content-length');
  const also = named;
  if (also !== null) drop(kept, (name) => also.has(name));
  return kept;
}

/** Trailers as `addTrailers` takes them; those that could change what was said in the head are left out. */
export function passedTrailers(raw: readonly string[]): [string, string][] {
  const kept: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    if (NEVER_IN_TRAILERS.has(name) || name.startsWith(PLATFORM_PREFIX)) continue;
    kept.push([raw[index] as string, raw[index + 1] as string]);
  }
  return kept;
}

/** Null: none besides the usual ones. Framing cannot be named away. */
function namedByConnection(value: string | undefined): ReadonlySet<string> | null {
  if (value === undefined || value === 'keep-alive' || value === 'close') return null;
  const names = new Set(
    value
      .toLowerCase()
      .split(',')
      .map((token) => token.trim()),
  );
  names.delete('content-length');
  names.delete('host');
  return names;
}

function drop(list: string[], isDropped: (lowerCaseName: string) => boolean): void {
  let kept = 0;
  for (let index = 0; index < list.length; index += 2) {
    if (isDropped((list[index] as string).toLowerCase())) continue;
    list[kept] = list[index] as string;
    list[kept + 1] = list[index + 1] as string;
    kept += 2;
  }
  list.length = kept;
}
