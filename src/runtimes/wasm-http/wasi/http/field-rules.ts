import { CONNECTION_FIELDS } from '../../../../kit/index.ts';

/**
 * Which header fields a guest may set. Names are RFC 9110 tokens; values carry no control characters (RFC 9110 §5.5),
 * so that no guest can write a second response onto a connection.
 */

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** Fields that belong to the connection, not to the message; `host` is the authority's. In lower case. */
const FORBIDDEN = new Set([
  ...CONNECTION_FIELDS,
  'host',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authorization',
]);

/** @param name in lower case */
export function isForbidden(name: string): boolean {
  return FORBIDDEN.has(name);
}

/** @param name in lower case */
export function isFieldName(name: string): boolean {
  return TOKEN.test(name);
}

export function isFieldValue(value: Uint8Array): boolean {
  for (const byte of value) {
    if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) return false;
  }
  return true;
}
