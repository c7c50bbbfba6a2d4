import { isIP } from 'node:net';
import type { Destination } from '../channel.ts';
import { authorityOf, canonicalHost } from '../destination.ts';

/** What a request's head says of what follows it on the connection. */
export interface SentHead {
  /** Bytes of the body; `chunked`: it says so itself. */
  readonly body: number | 'chunked';
  /** It wants to go on as a WebSocket. */
  readonly isUpgrade: boolean;
}

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.1$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Also what some servers take for the end of a line. */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;
const LENGTH = /^\d{1,15}$/;
const HTTP_PORT = 80;

/**
 * Reads the head of a request of HTTP/1.1 to that place. Stricter than RFC 9112: what two servers could read in two ways is an error.
 *
 * @param text without the empty line, one byte per character
 * @returns why it is not passed on, in words
 */
export function readSentHead(text: string, to: Destination): SentHead | string {
  const [requestLine = '', ...lines] = text.split('\r\n');
  if (lines.some((line) => FORBIDDEN.test(line)) || FORBIDDEN.test(requestLine))
    return 'its head holds a control character, or a line end of its own';
  const [, method, target] = REQUEST_LINE.exec(requestLine) ?? [];
  if (method === undefined || target === undefined) return 'it does not begin with a request of HTTP/1.1';
  if (method.toUpperCase() === 'CONNECT') return 'it asks for a tunnel';
  if (!target.startsWith('/') && !(method === 'OPTIONS' && target === '*'))
    return `its target is ${JSON.stringify(target.slice(0, 100))}, and not a path`;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const name = line.slice(0, Math.max(0, line.indexOf(':')));
    if (!TOKEN.test(name)) return 'a line of its head is no field';
    const key = name.toLowerCase();
    if (!DECIDING.has(key)) continue;
    if (fields.has(key)) return `its head has ${key} twice`;
    fields.set(key, withoutSpace(line.slice(name.length + 1)));
  }
  const host = fields.get('host');
  if (host === undefined) return 'it names no host';
  if (!isHost(host, to)) return `its host is ${JSON.stringify(host.slice(0, 260))}`;
  const body = bodyOf(fields);
  if (typeof body === 'object') return body.why;
  const upgrade = fields.get('upgrade');
  if (upgrade === undefined) return { body, isUpgrade: false };
  if (upgrade.toLowerCase() !== 'websocket' || method !== 'GET' || body !== 0)
    return 'it wants to go on in another protocol than WebSocket';
  return { body, isUpgrade: true };
}

/** Fields that decide where a request goes and where it ends. */
const DECIDING = new Set(['host', 'content-length', 'transfer-encoding', 'upgrade']);

/** May a field of that name stand behind a body? Not what decides, as some servers take it for one of the head. */
export function mayTrail(name: string): boolean {
  return TOKEN.test(name) && !DECIDING.has(name.toLowerCase());
}

/** Of spaces and tabs only: `trim` would take what a server keeps. */
function withoutSpace(value: string): string {
  const isSpace = (at: number) => value[at] === ' ' || value[at] === '\t';
  let begin = 0;
  let end = value.length;
  while (begin < end && isSpace(begin)) begin++;
  while (end > begin && isSpace(end - 1)) end--;
  return value.slice(begin, end);
}

/** A name in its very letters, an address in any of its spellings: a server that knows the one may not know another one of a name. */
function isHost(value: string, to: Destination): boolean {
  if (value === authorityOf(to)) return true; // as nearly everybody writes it
  const [, v6, name = '', port = String(HTTP_PORT)] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(value) ?? [];
  const host = v6 === undefined ? name.toLowerCase() : isIP(v6) === 6 ? canonicalHost(v6) : null;
  const isSame = host === to.host || (isIP(to.host) === 4 && canonicalHost(name) === to.host);
  return isSame && port === String(to.port);
}

function bodyOf(fields: ReadonlyMap<string, string>): SentHead['body'] | { readonly why: string } {
  const length = fields.get('content-length');
  const coding = fields.get('transfer-encoding');
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') return { why: 'its transfer-encoding is not chunked alone' };
    return length === undefined ? 'chunked' : { why: 'it has both a content-length and a transfer-encoding' };
  }
  if (length === undefined) return 0;
  return LENGTH.test(length) ? Number(length) : { why: 'its content-length is no length' };
}
