import type { IncomingMessage } from 'node:http';
import { CALL_HEADER } from '../egress/index.ts';

/** What the edge takes from a request's header section, in one pass over the raw headers. */
export interface RequestHead {
  /** The `Host` value as it was sent; empty when there was none. */
  host: string;
  /** More than one `Host` (RFC 9112 §3.2: to be refused). */
  ambiguousHost: boolean;
  /** Names and values, alternating, that may go on to the app; the platform's own are added later. */
  headers: string[];
  /** Every `Authorization` value; which of them go on is decided after authentication. */
  authorization: string[];
  /** `name=value` of every cookie of the office's own; they go on to no app. */
  officeCookies: string[];
  /** Every value by which an app of the office says that it calls another one; they go on to no app. */
  appCalls: string[];
  /** Digits of `Content-Length`; null when the body is chunked or there is none. */
  contentLength: string | null;
  hasBody: boolean;
  /** A browser is loading this as a page or a frame (`Sec-Fetch-Mode: navigate`). */
  navigates: boolean;
}

type Treatment =
  | 'pass'
  | 'drop'
  | 'host'
  | 'authorization'
  | 'cookie'
  | 'app-call'
  | 'content-length'
  | 'transfer-encoding'
  | 'connection'
  | 'fetch-mode';

/** Hop-by-hop (RFC 9110 §7.6.1), headers that would vouch for the sender, and what `Expect` asks of us alone. */
const TREATMENTS: Readonly<Record<string, Treatment>> = {
  connection: 'connection',
  'keep-alive': 'drop',
  'proxy-connection': 'drop',
  'proxy-authorization': 'drop',
  'proxy-authenticate': 'drop',
  te: 'drop',
  trailer: 'drop',
  upgrade: 'drop',
  expect: 'drop',
  'http2-settings': 'drop',
  forwarded: 'drop',
  'x-real-ip': 'drop',
  'transfer-encoding': 'transfer-encoding',
  'content-length': 'content-length',
  host: 'host',
  authorization: 'authorization',
  cookie: 'cookie',
  [CALL_HEADER]: 'app-call',
  'sec-fetch-mode': 'fetch-mode',
};

/** Treatment by the exact spelling of a name: saves lower-casing on the hot path. Bounded, as names come from outside. */
const bySpelling = new Map<string, Treatment>();
const MAX_SPELLINGS = 1000;

const OFFICE_COOKIE = /^\s*__Host-tabbify/i;

/** Reads a request's headers for the edge. */
export function readRequestHead(request: IncomingMessage): RequestHead {
  const raw = request.rawHeaders;
  const head: RequestHead = {
    host: '',
    ambiguousHost: false,
    headers: [],
    authorization: [],
    officeCookies: [],
    appCalls: [],
    contentLength: null,
    hasBody: false,
    navigates: false,
  };
  let hosts = 0;
  let connection = '';
  let chunked = false;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string;
    const value = raw[index + 1] as string;
    switch (bySpelling.get(name) ?? treatmentOf(name)) {
      case 'pass':
        head.headers.push(name, value);
        break;
      case 'host':
        hosts += 1;
        head.host = value;
        break;
      case 'authorization':
        head.authorization.push(value);
        break;
      case 'cookie':
        pushCookie(head, name, value);
        break;
      case 'app-call':
        head.appCalls.push(value);
        break;
      case 'content-length':
        head.contentLength = value;
        break;
      case 'transfer-encoding':
        chunked = true;
        break;
      case 'connection':
        connection = connection === '' ? value : `${connection},${value}`;
        break;
      case 'fetch-mode':
        head.navigates = value === 'navigate';
        head.headers.push(name, value);
        break;
    }
  }
  head.ambiguousHost = hosts > 1;
  if (chunked) head.contentLength = null;
  head.hasBody = chunked || (head.contentLength !== null && head.contentLength !== '0');
  if (connection !== '' && connection !== 'keep-alive' && connection !== 'close') {
    head.headers = withoutNamedBy(connection, head.headers);
  }
  return head;
}

/** Removes the headers that a `Connection` value names as meant for this hop alone. */
function withoutNamedBy(connection: string, headers: readonly string[]): string[] {
  const named = new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((token) => token.trim()),
  );
  const kept: string[] = [];
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (!named.has(name.toLowerCase())) kept.push(name, headers[index + 1] as string);
  }
  return kept;
}

function treatmentOf(name: string): Treatment {
  const lower = name.toLowerCase();
  const vouching = lower.startsWith('tabbify-') || lower.startsWith('x-forwarded-');
  const treatment = Object.hasOwn(TREATMENTS, lower) ? TREATMENTS[lower] : vouching ? 'drop' : 'pass';
  if (bySpelling.size >= MAX_SPELLINGS) bySpelling.clear();
  bySpelling.set(name, treatment ?? 'pass');
  return treatment ?? 'pass';
}

/** The office's own cookies never reach an app; the others do. */
function pushCookie(head: RequestHead, name: string, value: string): void {
  if (!value.includes('-')) {
    head.headers.push(name, value);
    return;
  }
  const kept: string[] = [];
  for (const pair of value.split(';')) {
    if (OFFICE_COOKIE.test(pair)) head.officeCookies.push(pair.trim());
    else kept.push(pair);
  }
  if (kept.length > 0) head.headers.push(name, kept.join(';').trim());
}
