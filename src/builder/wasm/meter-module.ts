import { FUEL_EXPORT } from '../artifact-format.ts';
import { createCharges, START_FUEL } from './fuel.ts';
import { type Globals, IMPORT, readGlobals } from './globals.ts';
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
 * zero, a maximum for every memory, defined or imported, and for every table. All else behaves as before. Custom
 * sections are dropped.
 *
 * @throws TabbifyError `build_failed` for modules whose cost or memory cannot be bounded this way
 */
export function meterModule(bytes: Uint8Array, bounds: Bounds): MeteredModule {
  const sections = readSections(bytes);
  const globals = readGlobals(bytes, sections);
  const mutableGlobals = globals.mutable.map((index) => `$g${index}`);
  refuseTakenNames(bytes, sections, [FUEL_EXPORT, ...mutableGlobals]);

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
        return boundedTables(bytes, section);
      case SECTION.memory:
        return boundedMemories(bytes, section, bounds);
      case SECTION.global:
        return withCounter(bytes, section);
      case SECTION.export:
        return withExports(bytes, section, globals, fuel);
      case SECTION.code:
        return meterCode(bytes, section, charges);
      default:
        return bytes.subarray(section.start, section.end);
    }
  }
}

/** How many memories a module defines itself. */
export function ownMemories(bytes: Uint8Array): number {
  const section = readSections(bytes).find((candidate) => candidate.id === SECTION.memory);
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
      copyTableLimits(reader, out);
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

function boundedTables(bytes: Uint8Array, section: Section): Uint8Array {
  const reader = readerAt(bytes, section.start);
  const out = createWriter(64);
  const count = readU32(reader);
  writeU32(out, count);
  for (let index = 0; index < count; index += 1) {
    const start = reader.pos;
    skipValueType(reader);
    writeRange(out, bytes, start, reader.pos);
    copyTableLimits(reader, out);
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

function withExports(bytes: Uint8Array, section: Section, globals: Globals, fuel: number): Uint8Array {
  const out = openVector(bytes, section, globals.mutable.length + 1);
  for (const index of globals.mutable) exportGlobal(out, `$g${index}`, index);
  exportGlobal(out, FUEL_EXPORT, fuel);
  return written(out);
}

function exportGlobal(out: Writer, name: string, index: number): void {
  writeName(out, name);
  writeByte(out, IMPORT.global);
  writeU32(out, index);
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
