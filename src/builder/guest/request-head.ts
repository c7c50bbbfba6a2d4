import { readHeaders } from './headers.ts';
import type { IncomingRequest } from './wasi.ts';

/**
 * Name under which the platform's host has all of a request's head among its fields: method, URL and each header's name and value, a line
 * each, one character per byte. No header can have this name. What a guest asks its host for one by one costs it more than a small app does.
 */
export const WHOLE_HEAD = ':tabbify-head';

/** What a request begins with. */
export interface RequestHead {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: Headers;
}

/** Arguments of one call; an engine bounds them. */
const MOST_BYTES = 8_192;

/** Reads it in one piece where the host has it so, else part by part. */
export function readHead(incoming: IncomingRequest): RequestHead {
  const fields = incoming.headers();
  const [whole] = fields.get(WHOLE_HEAD);
  if (whole === undefined) return { ...readLine(incoming), headers: readHeaders(fields) };
  fields[Symbol.dispose]();
  const [method = '', url = '', ...lines] = textOf(whole).split('\n');
  const headers = new Headers();
  for (let at = 0; at < lines.length; at += 2) headers.append(lines[at] ?? '', lines[at + 1] ?? '');
  return { method, url, headers };
}

function readLine(incoming: IncomingRequest): Omit<RequestHead, 'headers'> {
  const { tag, val } = incoming.method();
  const scheme = incoming.scheme();
  const protocol = (scheme?.tag === 'other' ? scheme.val : scheme?.tag)?.toLowerCase() ?? 'http';
  return {
    method: tag === 'other' ? (val ?? '') : tag.toUpperCase(),
    url: `${protocol}://${incoming.authority() ?? 'localhost'}${incoming.pathWithQuery() ?? '/'}`,
  };
}

function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += MOST_BYTES) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + MOST_BYTES) as unknown as number[]);
  }
  return text;
}
