import type { Fields } from './wasi.ts';

/** Headers that belong to one connection; the host decides them (RFC 9110, 7.6.1). */
const OF_THE_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const ascii = new TextEncoder();

/** Header values are bytes on the wire and one character per byte in `Headers` (Fetch standard, isomorphic decode). */
export function readHeaders(fields: Fields): Headers {
  const headers = new Headers();
  for (const [name, value] of fields.entries()) {
    headers.append(name, String.fromCharCode.apply(null, value as unknown as number[]));
  }
  fields[Symbol.dispose]();
  return headers;
}

/** A response's headers as the host wants them: each `Set-Cookie` a field of its own, none of the connection's. */
export function writeHeaders(headers: Headers): [string, Uint8Array][] {
  const entries: [string, Uint8Array][] = [];
  headers.forEach((value, name) => {
    if (name !== 'set-cookie' && !OF_THE_CONNECTION.has(name)) entries.push([name, bytesOf(value)]);
  });
  for (const cookie of headers.getSetCookie()) entries.push(['set-cookie', bytesOf(cookie)]);
  return entries;
}

function bytesOf(value: string): Uint8Array {
  const bytes = ascii.encode(value);
  if (bytes.length === value.length) return bytes;
  return Uint8Array.from(value, (character) => character.charCodeAt(0)); // not ASCII: one byte per character
}
