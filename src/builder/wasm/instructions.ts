import { type Reader, readByte, readU32, skipLeb } from './reader.ts';
import { unsupported } from './unsupported.ts';

/** Opcodes this code looks at by name (WebAssembly core specification, 5.4 and appendix). */
export const OP = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  delegate: 0x18,
  catchAll: 0x19,
  drop: 0x1a,
  globalGet: 0x23,
  globalSet: 0x24,
  tableSet: 0x26,
  memoryGrow: 0x40,
  i64Const: 0x42,
  i64LtS: 0x53,
  i64Sub: 0x7d,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  bulk: 0xfc,
} as const;

/** Second byte of the 0xfc opcodes that do work in proportion to their last operand. */
export const BULK = {
  memoryInit: 8,
  memoryCopy: 10,
  memoryFill: 11,
  tableInit: 12,
  tableCopy: 14,
  tableGrow: 15,
  tableFill: 17,
} as const;

/** Which 0xfc instruction was passed, or -1 for every other instruction. */
export type BulkCode = number;

/** 1 where the opcode has no immediates; filled from the ranges of the specification. */
const PLAIN = new Uint8Array(256);
for (const op of [0x00, 0x01, 0x05, 0x0b, 0x0f, 0x19, 0x1a, 0x1b, 0xd1]) PLAIN[op] = 1;
for (let op = 0x45; op <= 0xc4; op += 1) PLAIN[op] = 1;

/** 1 where the opcode has exactly one LEB128 immediate. */
const ONE_LEB = new Uint8Array(256);
for (const op of [0x07, 0x08, 0x09, 0x0c, 0x0d, 0x10, 0x12, 0x18, 0x3f, 0x40, 0x41, 0x42, 0xd2])
  ONE_LEB[op] = 1;
for (let op = 0x20; op <= 0x26; op += 1) ONE_LEB[op] = 1;

/**
 * Passes over the immediates of the instruction whose opcode was just read.
 *
 * @returns the 0xfc sub-opcode for bulk instructions, otherwise -1
 * @throws TabbifyError `build_failed` for proposals that are not supported (garbage collection, `try_table`, …)
 */
export function skipImmediates(reader: Reader, op: number): BulkCode {
  if (PLAIN[op] === 1) return -1;
  if (ONE_LEB[op] === 1) {
    skipLeb(reader);
    return -1;
  }
  if (op >= 0x28 && op <= 0x3e) {
    skipMemoryArgument(reader);
    return -1;
  }
  switch (op) {
    case 0x02: // block
    case 0x03: // loop
    case 0x04: // if
    case 0x06: // try
      skipBlockType(reader);
      return -1;
    case 0x0e: // br_table
      for (let count = readU32(reader) + 1; count > 0; count -= 1) skipLeb(reader);
      return -1;
    case 0x11: // call_indirect
    case 0x13: // return_call_indirect
      skipLeb(reader);
      skipLeb(reader);
      return -1;
    case 0x1c: // select with types
      for (let count = readU32(reader); count > 0; count -= 1) skipValueType(reader);
      return -1;
    case 0x43: // f32.const
      reader.pos += 4;
      return -1;
    case 0x44: // f64.const
      reader.pos += 8;
      return -1;
    case 0xd0: // ref.null
      skipReferenceType(reader);
      return -1;
    case 0xfc:
      return skipBulk(reader);
    case 0xfd:
      skipVector(reader);
      return -1;
    case 0xfe:
      skipAtomic(reader);
      return -1;
    default:
      throw refused(op);
  }
}

/** Passes over one value type: a number, a vector, `funcref`, `externref` or `exnref`. */
export function skipValueType(reader: Reader): void {
  const type = readByte(reader);
  if (type >= 0x7b && type <= 0x7f) return;
  if (type === 0x70 || type === 0x6f || type === 0x69) return;
  throw unsupported(
    'typed references',
    `the value type 0x${type.toString(16)} belongs to garbage collection`,
  );
}

function skipReferenceType(reader: Reader): void {
  const type = readByte(reader);
  if (type === 0x70 || type === 0x6f || type === 0x69) return;
  throw unsupported('typed references', `the heap type 0x${type.toString(16)} belongs to garbage collection`);
}

function skipBlockType(reader: Reader): void {
  const first = reader.bytes[reader.pos] ?? 0;
  if (first === 0x40) reader.pos += 1;
  else if (first < 0x40 || first >= 0x80) skipLeb(reader);
  else skipValueType(reader);
}

function skipMemoryArgument(reader: Reader): void {
  const alignment = readU32(reader);
  if ((alignment & 0x40) !== 0) skipLeb(reader); // a memory other than the first
  skipLeb(reader);
}

function skipBulk(reader: Reader): BulkCode {
  const code = readU32(reader);
  if (code <= 7) return code; // saturating truncation
  if (code > 17) throw unsupported(`the opcode 0xfc ${code}`, 'its cost is not known here');
  skipLeb(reader);
  if (code === 8 || code === 10 || code === 12 || code === 14) skipLeb(reader);
  return code;
}

function skipVector(reader: Reader): void {
  const code = readU32(reader);
  if (code <= 11 || code === 92 || code === 93) skipMemoryArgument(reader);
  else if (code === 12 || code === 13) reader.pos += 16;
  else if (code >= 21 && code <= 34) reader.pos += 1;
  else if (code >= 84 && code <= 91) {
    skipMemoryArgument(reader);
    reader.pos += 1;
  }
}

function skipAtomic(reader: Reader): void {
  // Atomics on the app's own, unshared memory; `wait` traps there, and shared memories are refused elsewhere.
  if (readU32(reader) === 3) reader.pos += 1;
  else skipMemoryArgument(reader);
}

function refused(op: number): Error {
  if (op === 0x1f || op === 0x0a) {
    return unsupported('`try_table` exceptions', 'the fuel counter does not follow them yet');
  }
  if (op === 0xfb)
    return unsupported('garbage-collected types', 'memory outside `memory_mb` cannot be bounded');
  if (op === 0x14 || op === 0x15 || (op >= 0xd3 && op <= 0xd6)) {
    return unsupported('typed function references', 'the fuel counter does not follow them yet');
  }
  return unsupported(`the opcode 0x${op.toString(16)}`, 'it is not part of what is supported');
}
