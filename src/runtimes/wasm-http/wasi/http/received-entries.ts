import { isForbidden } from './field-rules.ts';
import type { FieldEntry } from './fields.ts';

/**
 * The fields of a message that came in, as a guest sees them. Those of the connection stay with it (RFC 9110 §7.6.1); `host` is
 * shown, since programs look there.
 *
 * @param raw names and values in turn, as node gives them
 */
export function receivedEntries(raw: readonly string[]): FieldEntry[] {
  const entries: FieldEntry[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? '';
    if (name !== 'host' && isForbidden(name)) continue;
    entries.push([name, latin1Bytes(raw[index + 1] ?? '')]);
  }
  return entries;
}

/** In memory of their own, see `ownBytes`. */
function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
