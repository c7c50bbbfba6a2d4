import { getRandomValues } from 'node:crypto';
import { v5, v7, validate } from 'uuid';

/** Random bytes are taken from here: the system is asked once for so many ids, which takes longer than the rest. */
const pool = new Uint8Array(256 * 16);
let used = pool.length;
/** Of the newest id: the millisecond it says, and the number that counts on within it. */
let newestMs = 0;
let sequence = 0;

/** A new UUID v7 (RFC 9562): sorts by the time it was made, those of one process also within a millisecond. */
export function newId(): string {
  const random = sixteenBytes();
  const now = Date.now();
  if (now > newestMs) {
    newestMs = now;
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1; // room to count on
  } else if (++sequence > 0xffffffff) {
    newestMs++;
    sequence = 0;
  }
  return v7({ random, msecs: newestMs, seq: sequence });
}

function sixteenBytes(): Uint8Array {
  if (used === pool.length) {
    getRandomValues(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}

/** An id that follows from its cause (UUID v5), so that a retried reaction appends once. */
export function derivedId(causeId: string, name: string): string {
  return v5(name, causeId);
}

/** Is this text a UUID of any version? */
export function isUuid(text: string): boolean {
  return validate(text);
}
