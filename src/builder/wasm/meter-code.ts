import { type Charges, MEMORY_GROW_COST } from './fuel.ts';
import { BULK, OP, skipImmediates, skipValueType } from './instructions.ts';
import { type Reader, readByte, readerAt, readU32 } from './reader.ts';
import type { Section } from './sections.ts';
import { malformed } from './unsupported.ts';
import { createWriter, type Writer, writeBytes, writeRange, writeU32, written } from './writer.ts';

/** 1 where a straight run of instructions ends: control may leave, enter or split there. */
const ENDS_RUN = new Uint8Array(256);
for (const op of [
  OP.unreachable,
  OP.loop,
  OP.if,
  OP.else,
  OP.try,
  OP.catch,
  OP.throw,
  OP.rethrow,
  OP.end,
  OP.br,
  OP.brIf,
  OP.brTable,
  OP.return,
  OP.delegate,
  OP.catchAll,
]) {
  ENDS_RUN[op] = 1;
}

/** 1 where an instruction costs nothing: it only marks structure. */
const FREE = new Uint8Array(256);
for (const op of [OP.nop, OP.block, OP.end, OP.else, OP.drop]) FREE[op] = 1;

/**
 * Rewrites a code section. Each straight run is charged where it starts; the counter is looked at where a function
 * begins and where a loop begins again, so that what runs too long goes at most once through one function past its
 * bound. Bulk instructions are charged by their length before they run.
 */
export function meterCode(bytes: Uint8Array, section: Section, charges: Charges): Uint8Array {
  const reader = readerAt(bytes, section.start);
  const code = createWriter((section.end - section.start) * 2);
  const body = createWriter(4096);
  const count = readU32(reader);
  writeU32(code, count);
  for (let index = 0; index < count; index += 1) {
    const size = readU32(reader);
    const end = reader.pos + size;
    if (end > section.end) throw malformed('a function is longer than its section');
    body.length = 0;
    meterFunction(reader, end, body, charges);
    writeU32(code, body.length);
    writeBytes(code, written(body));
  }
  return written(code);
}

function meterFunction(reader: Reader, end: number, body: Writer, charges: Charges): void {
  const { bytes } = reader;
  const locals = reader.pos;
  for (let groups = readU32(reader); groups > 0; groups -= 1) {
    readU32(reader);
    skipValueType(reader);
  }
  writeRange(body, bytes, locals, reader.pos);

  let run = reader.pos;
  let cost = 0;
  let mustCheck = true; // a function's first run, and a loop's, decide whether it goes on
  const flush = (until: number): void => {
    if (cost > 0) charges.charge(body, cost);
    if (mustCheck) charges.check(body);
    writeRange(body, bytes, run, until);
    run = until;
    cost = 0;
    mustCheck = false;
  };

  while (reader.pos < end) {
    const at = reader.pos;
    const op = readByte(reader);
    const bulk = skipImmediates(reader, op);
    if (FREE[op] === 0) cost += 1;
    if (op === OP.memoryGrow) cost += MEMORY_GROW_COST;
    const unit = bulk < BULK.memoryInit ? null : lengthUnit(bulk);
    if (unit !== null) {
      flush(at);
      charges.chargeLength(body, unit);
    }
    if (ENDS_RUN[op] === 1) {
      flush(reader.pos);
      mustCheck = op === OP.loop;
    }
  }
  flush(end);
  if (reader.pos !== end) throw malformed('an instruction reaches over the end of its function');
}

function lengthUnit(bulk: number): 'bytes' | 'entries' | null {
  switch (bulk) {
    case BULK.memoryInit:
    case BULK.memoryCopy:
    case BULK.memoryFill:
      return 'bytes';
    case BULK.tableInit:
    case BULK.tableCopy:
    case BULK.tableGrow:
    case BULK.tableFill:
      return 'entries';
    default:
      return null;
  }
}
