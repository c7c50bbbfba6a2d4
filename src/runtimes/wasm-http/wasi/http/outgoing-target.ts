import type { Variant } from '../failure.ts';

/** Where a request goes, and what it asks. */
export interface OutgoingTarget {
  /** As on the wire. */
  readonly method: string;
  readonly isTls: boolean;
  /** Name or address; one of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** For the field `host`. */
  readonly authority: string;
  /** Path and query in origin form (RFC 9112 §3.2.1). */
  readonly path: string;
}

/** What a guest has said of a request. */
export interface Asked {
  method(): Variant;
  scheme(): Variant | undefined;
  authority(): string | undefined;
  pathWithQuery(): string | undefined;
}

const URI_INVALID: Variant = { tag: 'HTTP-request-URI-invalid' };
/** What node sends as it stands; anything else has to be percent-encoded (RFC 3986 §2.1). */
const SENDABLE_PATH = /^[\x21-\xff]*$/;

/**
 * Where a request goes; without a scheme it is `https`.
 *
 * @returns the error code of one that cannot be sent
 */
export function outgoingTarget(asked: Asked): OutgoingTarget | { readonly error: Variant } {
  const method = methodText(asked.method());
  if (method === 'CONNECT') return { error: { tag: 'HTTP-request-method-invalid' } };
  const scheme = asked.scheme()?.tag ?? 'HTTPS';
  const authority = asked.authority();
  const path = originForm(asked.pathWithQuery() ?? '/', method);
  if (authority === undefined || path === null || scheme === 'other') return { error: URI_INVALID };
  const isTls = scheme === 'HTTPS';
  const [, v6, name = '', port] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(authority) ?? [];
  return {
    method,
    isTls,
    host: v6 ?? name,
    port: port === undefined ? (isTls ? 443 : 80) : Number(port),
    authority,
    path,
  };
}

function methodText({ tag, val }: Variant): string {
  return tag === 'other' ? String(val) : tag.toUpperCase();
}

function originForm(path: string, method: string): string | null {
  if (!SENDABLE_PATH.test(path)) return null;
  if (path === '' || path.startsWith('?')) return `/${path}`;
  return path.startsWith('/') || (path === '*' && method === 'OPTIONS') ? path : null;
}
