import { createHash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import { emptyOffice, type OfficeState } from '../office-state.ts';
import { sha256 } from '../schemas/settings.ts';

/** Grows when the layout of the bytes changes. */
const FORMAT = 1;
const NEWLINE = 0x0a;
/** A header is shorter than this. */
const MAX_HEADER_BYTES = 512;

const header = z.strictObject({
  snapshot: z.literal('tabbify-state'),
  format: z.literal(FORMAT),
  position: z.int().min(0),
  code: sha256,
  bytes: z.int().min(1),
  sha256,
});

/**
 * The state as bytes, from which `decodeSnapshot` makes it again: one line of JSON that says what it is, then the
 * payload. About 10 MB for 20,000 deployments; it takes a tenth of a second, which an event loop that answers visitors
 * does not have: a thread of its own can fold from the snapshot before and write the next one.
 *
 * @param code hash of the code that folded it (`hashOfCode`)
 */
export function encodeSnapshot(state: OfficeState, code: string): Uint8Array {
  const payload = serialize(state);
  const position = state.position;
  const line = {
    snapshot: 'tabbify-state',
    format: FORMAT,
    position,
    code,
    bytes: payload.length,
    sha256: digestOf(position, code, payload),
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(line)}\n`), payload]);
}

/**
 * The state that was encoded. A snapshot is a cache: whatever is wrong with it (cut off, changed, of another format or
 * other code), the answer is null and the log is folded from its beginning.
 *
 * @param code hash of the code that will go on folding
 */
export function decodeSnapshot(bytes: Uint8Array, code: string): OfficeState | null {
  try {
    const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(NEWLINE);
    const line = header.parse(JSON.parse(Buffer.from(bytes.subarray(0, Math.max(end, 0))).toString('utf8')));
    const payload = bytes.subarray(end + 1);
    if (line.code !== code || line.bytes !== payload.length) return null;
    if (line.sha256 !== digestOf(line.position, code, payload)) return null;
    const state: unknown = deserialize(payload);
    return isOffice(state) && state.position === line.position ? state : null;
  } catch {
    return null; // not a snapshot, or V8 cannot read it: the same to whoever asks
  }
}

/** Covers what the header says as well as the payload. */
function digestOf(position: number, code: string, payload: Uint8Array): string {
  return createHash('sha256').update(`${FORMAT} ${position} ${code}\n`).update(payload).digest('hex');
}

/** Has it the parts of an office? What is in them was written by this very code. */
function isOffice(value: unknown): value is OfficeState {
  if (typeof value !== 'object' || value === null) return false;
  const parts = Object.entries(emptyOffice());
  const given = new Map(Object.entries(value));
  return (
    given.size === parts.length &&
    parts.every(
      ([name, part]) =>
        Object.getPrototypeOf(Object(part)) === Object.getPrototypeOf(Object(given.get(name))),
    )
  );
}
