import { chargePoints } from './charge-points.ts';
import type { Charges } from './fuel.ts';
import { readerAt, readU32 } from './reader.ts';
import type { Section } from './sections.ts';
import { malformed } from './unsupported.ts';
import { createWriter, writeBytes, writeRange, writeU32, written } from './writer.ts';

/**
 * Rewrites a code section with its charges. The counter is looked at where a function begins and where a loop begins
 * again, so that what runs too long goes at most once through one function past its bound.
 */
export function meterCode(bytes: Uint8Array, section: Section, charges: Charges): Uint8Array {
  const reader = readerAt(bytes, section.start);
  const code = createWriter((section.end - section.start) * 2);
  const body = createWriter(4096);
  const count = readU32(reader);
  writeU32(code, count);
  for (let index = 0; index < count; index += 1) {
    const size = readU32(reader);
    const start = reader.pos;
    const end = start + size;
    if (end > section.end) throw malformed('a function is longer than its section');
    body.length = 0;
    let copied = start;
    for (const { at, cost, check, length } of chargePoints(reader, end)) {
      writeRange(body, bytes, copied, at);
      copied = at;
      if (length !== null) charges.chargeLength(body, length);
      else charges.charge(body, cost, check);
    }
    writeRange(body, bytes, copied, end);
    writeU32(code, body.length);
    writeBytes(code, written(body));
  }
  return written(code);
}
