import { ownBytes } from '../io/own-bytes.ts';
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
    entries.push([name, ownBytes(Buffer.from(raw[index + 1] ?? '', 'latin1'))]);
  }
  return entries;
}
