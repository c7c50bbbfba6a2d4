import { OP, skipImmediates, skipValueType } from './instructions.ts';
import { type Reader, readByte, readerAt, readName, readU32, skipLeb } from './reader.ts';
import { SECTION, type Section } from './sections.ts';
import { malformed, unsupported } from './unsupported.ts';

const VECTOR_TYPE = 0x7b;

/** The globals of a module, as far as metering and snapshots need them. */
export interface Globals {
  /** Index the next global gets: imported ones first, then the module's own. */
  readonly next: number;
  /** Indices of the module's own mutable globals. */
  readonly mutable: readonly number[];
}

/**
 * Counts a module's globals and finds the mutable ones.
 *
 * @throws TabbifyError `build_failed` for a mutable vector global: JavaScript cannot read one, so no snapshot could
 * hold it
 */
export function readGlobals(bytes: Uint8Array, sections: readonly Section[]): Globals {
  let imported = 0;
  let next = 0;
  const mutable: number[] = [];
  for (const section of sections) {
    const reader = readerAt(bytes, section.start);
    if (section.id === SECTION.import) {
      imported = countImported(reader, IMPORT.global);
      next = imported;
    } else if (section.id === SECTION.global) {
      const count = readU32(reader);
      for (let index = 0; index < count; index += 1) {
        const type = reader.bytes[reader.pos];
        skipValueType(reader);
        if (readByte(reader) === 1) {
          if (type === VECTOR_TYPE) throw unsupported('a mutable vector global', 'no snapshot can hold it');
          mutable.push(imported + index);
        }
        skipConstantExpression(reader, section.end);
      }
      next = imported + count;
    }
  }
  return { next, mutable };
}

/** Kinds of imports (WebAssembly core specification, 5.5.5). */
export const IMPORT = { function: 0, table: 1, memory: 2, global: 3, tag: 4 } as const;

/** How many memories a module imports. @param section of its imports, if it has any */
export function importedMemories(bytes: Uint8Array, section: Section | undefined): number {
  return section === undefined ? 0 : countImported(readerAt(bytes, section.start), IMPORT.memory);
}

function countImported(reader: Reader, wanted: number): number {
  let found = 0;
  for (let count = readU32(reader); count > 0; count -= 1) {
    readName(reader);
    readName(reader);
    const kind = readByte(reader);
    if (kind === wanted) found += 1;
    skipImportType(reader, kind);
  }
  return found;
}

function skipImportType(reader: Reader, kind: number): void {
  switch (kind) {
    case IMPORT.function:
      skipLeb(reader);
      return;
    case IMPORT.table:
      skipValueType(reader);
      skipLimits(reader);
      return;
    case IMPORT.memory:
      skipLimits(reader);
      return;
    case IMPORT.global:
      skipValueType(reader);
      reader.pos += 1;
      return;
    case IMPORT.tag:
      reader.pos += 1;
      skipLeb(reader);
      return;
    default:
      throw malformed(`an import has the unknown kind ${kind}`);
  }
}

function skipLimits(reader: Reader): void {
  const flags = readByte(reader);
  skipLeb(reader);
  if ((flags & 1) === 1) skipLeb(reader);
}

function skipConstantExpression(reader: Reader, end: number): void {
  while (reader.pos < end) {
    const op = readByte(reader);
    if (op === OP.end) return;
    skipImmediates(reader, op);
  }
  throw malformed('a global has no end');
}
