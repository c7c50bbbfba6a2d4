import { BULK, OP, skipImmediates, skipValueType } from './instructions.ts';
import { readByte, readerAt, readU32 } from './reader.ts';
import { readSections, SECTION } from './sections.ts';

/** 0xfc opcodes that change a table, or drop a segment (`data.drop`, `elem.drop`). */
const ELSEWHERE: ReadonlySet<number> = new Set([
  9,
  BULK.tableInit,
  13,
  BULK.tableCopy,
  BULK.tableGrow,
  BULK.tableFill,
]);

/**
 * Does a core module's code change nothing but memories and globals? Then an instance whose memories and globals are put back is as it
 * was.
 */
export function changesMemoryAlone(bytes: Uint8Array): boolean {
  const code = readSections(bytes).find(({ id }) => id === SECTION.code);
  if (code === undefined) return true;
  const reader = readerAt(bytes, code.start);
  for (let functions = readU32(reader); functions > 0; functions -= 1) {
    const size = readU32(reader);
    const end = reader.pos + size;
    for (let groups = readU32(reader); groups > 0; groups -= 1) {
      readU32(reader);
      skipValueType(reader);
    }
    while (reader.pos < end) {
      const op = readByte(reader);
      const bulk = skipImmediates(reader, op);
      if (op === OP.tableSet || ELSEWHERE.has(bulk)) return false;
    }
  }
  return true;
}
