import { FUEL_EXPORT } from '../artifact-format.ts';
import { createCharges, START_FUEL } from './fuel.ts';
import { IMPORT, importedMemories, readGlobals } from './globals.ts';
import { OP, skipValueType } from './instructions.ts';
import { type Bounds, copyMemoryLimits, copyTableLimits } from './limits.ts';
import { meterCode } from './meter-code.ts';
import { readByte, readerAt, readName, readU32, skipLeb } from './reader.ts';
import { exportNames, readSections, SECTION, type Section, sectionOrder } from './sections.ts';
import { malformed, unsupported } from './unsupported.ts';
import {
  createWriter,
  signedLeb,
  type Writer,
  writeByte,
  writeBytes,
  writeName,
  writeRange,
  writeSection,
  writeU32,
  written,
} from './writer.ts';

/** A module with its bounds written into it. */
export interface MeteredModule {
  readonly bytes: Uint8Array;
  /** Names under which the module's own mutable globals are exported now, for snapshots. */
  readonly mutableGlobals: readonly string[];
}

/**
 * Writes an app's bounds into a core module: a fuel counter (exported as `FUEL_EXPORT`, i64, mutable) that traps below
 * zero, a maximum for every memory, defined or imported, and for every table. Its own memories are exported as well, so that
 * the host sees what they hold. All else behaves as before. Custom sections are dropped.
 *
 * @throws TabbifyError `build_failed` for modules whose cost or memory cannot be bounded this way
 */
export function meterModule(bytes: Uint8Array, bounds: Bounds): MeteredModule {
  const sections = readSections(bytes);
  const globals = readGlobals(bytes, sections);
  const mutableGlobals = globals.mutable.map((index) => `$g${index}`);
  const memories = memoriesOf(bytes, sections);
  const extra: Extra[] = [
    ...globals.mutable.map((index) => ({ name: `$g${index}`, kind: IMPORT.global, index })),
    ...memories.map((index) => ({ name: `$m${index}`, kind: IMPORT.memory, index })),
    { name: FUEL_EXPORT, kind: IMPORT.global, index: globals.next },
  ];
  refuseTakenNames(
    bytes,
    sections,
    extra.map(({ name }) => name),
  );

  const fuel = globals.next;
  const charges = createCharges(fuel, fuel + 1);
  const out = createWriter(bytes.length * 2);
  writeRange(out, bytes, 0, 8);
  for (const section of withGlobalsAndExports(sections)) {
    writeSection(out, section.id, contentOf(section));
  }
  return { bytes: written(out).slice(), mutableGlobals };

  function contentOf(section: Section): Uint8Array {
    switch (section.id) {
      case SECTION.import:
        return boundedImports(bytes, section, bounds);
      case SECTION.table:
        return boundedTables(bytes, section, bounds);
      case SECTION.memory:
        return boundedMemories(bytes, section, bounds);
      case SECTION.global:
        return withCounter(bytes, section);
      case SECTION.export:
        return withExports(bytes, section, extra);
      case SECTION.code:
        return meterCode(bytes, section, charges);
      default:
        return bytes.subarray(section.start, section.end);
    }
  }
}

/** How many memories and tables a module defines itself. */
export function ownParts(bytes: Uint8Array): { readonly memories: number; readonly tables: number } {
  const sections = readSections(bytes);
  return {
    memories: countOf(bytes, sections, SECTION.memory),
    tables: countOf(bytes, sections, SECTION.table),
  };
}

function countOf(bytes: Uint8Array, sections: readonly Section[], id: number): number {
  const section = sections.find((candidate) => candidate.id === id);
  return section === undefined ? 0 : readU32(readerAt(bytes, section.start));
}

/** The module's sections in order, with empty ones for globals and exports where it has none. */
function withGlobalsAndExports(sections: readonly Section[]): Section[] {
  const all = [...sections];
  for (const id of [SECTION.global, SECTION.export]) {
    if (!all.some((section) => section.id === id)) all.push({ id, start: 0, end: 0 });
  }
  return all.sort((left, right) => sectionOrder(left.id) - sectionOrder(right.id));
}

function refuseTakenNames(bytes: Uint8Array, sections: readonly Section[], names: readonly string[]): void {
  const taken = exportNames(
    bytes,
    sections.find((section) => section.id === SECTION.export),
  );
  const clash = names.find((name) => taken.has(name));
  if (clash !== undefined)
    throw unsupported(`an export named ${clash}`, 'the platform needs that name itself');
}

function boundedImports(bytes: Uint8Array, section: Section, bounds: Bounds): Uint8Array {
  const reader = readerAt(bytes, section.start);
  const out = createWriter(section.end - section.start + 64);
  const count = readU32(reader);
  writeU32(out, count);
  for (let index = 0; index < count; index += 1) {
    const start = reader.pos;
    readName(reader);
    readName(reader);
    const kind = readByte(reader);
    if (kind === IMPORT.table) {
      skipValueType(reader);
      writeRange(out, bytes, start, reader.pos);
      copyTableLimits(reader, out, bounds);
    } else if (kind === IMPORT.memory) {
      writeRange(out, bytes, start, reader.pos);
      copyMemoryLimits(reader, out, bounds);
    } else {
      if (kind === IMPORT.function) skipLeb(reader);
      else if (kind === IMPORT.global) {
        skipValueType(reader);
        reader.pos += 1;
      } else {
        reader.pos += 1;
        skipLeb(reader);
      }
      writeRange(out, bytes, start, reader.pos);
    }
  }
  return written(out);
}

function boundedTables(bytes: Uint8Array, section: Section, bounds: Bounds): Uint8Array {
  const reader = readerAt(bytes, section.start);
  const out = createWriter(64);
  const count = readU32(reader);
  writeU32(out, count);
  for (let index = 0; index < count; index += 1) {
    const start = reader.pos;
    skipValueType(reader);
    writeRange(out, bytes, start, reader.pos);
    copyTableLimits(reader, out, bounds);
  }
  return written(out);
}

function boundedMemories(bytes: Uint8Array, section: Section, bounds: Bounds): Uint8Array {
  const reader = readerAt(bytes, section.start);
  const out = createWriter(64);
  const count = readU32(reader);
  writeU32(out, count);
  for (let index = 0; index < count; index += 1) copyMemoryLimits(reader, out, bounds);
  return written(out);
}

/** The global section with two more entries: the fuel counter and the scratch value of bulk charges. */
function withCounter(bytes: Uint8Array, section: Section): Uint8Array {
  const I64 = 0x7e;
  const I32 = 0x7f;
  const MUTABLE = 1;
  const out = openVector(bytes, section, 2);
  writeBytes(out, [I64, MUTABLE, OP.i64Const, ...signedLeb(START_FUEL), OP.end]);
  writeBytes(out, [I32, MUTABLE, 0x41, 0, OP.end]);
  return written(out);
}

/** What is exported besides what the module exports itself. */
interface Extra {
  readonly name: string;
  readonly kind: number;
  readonly index: number;
}

function withExports(bytes: Uint8Array, section: Section, extra: readonly Extra[]): Uint8Array {
  const out = openVector(bytes, section, extra.length);
  for (const { name, kind, index } of extra) {
    writeName(out, name);
    writeByte(out, kind);
    writeU32(out, index);
  }
  return written(out);
}

/** Indices of the module's own memories: imported ones come first. */
function memoriesOf(bytes: Uint8Array, sections: readonly Section[]): number[] {
  const imported = importedMemories(
    bytes,
    sections.find(({ id }) => id === SECTION.import),
  );
  return Array.from({ length: countOf(bytes, sections, SECTION.memory) }, (_, index) => imported + index);
}

/** A copy of a section that is one vector, its count raised by `more`. */
function openVector(bytes: Uint8Array, section: Section, more: number): Writer {
  const out = createWriter(section.end - section.start + 64);
  if (section.end === section.start) {
    writeU32(out, more);
    return out;
  }
  const reader = readerAt(bytes, section.start);
  const count = readU32(reader);
  if (reader.pos > section.end) throw malformed('a section ends within its count');
  writeU32(out, count + more);
  writeRange(out, bytes, reader.pos, section.end);
  return out;
}
