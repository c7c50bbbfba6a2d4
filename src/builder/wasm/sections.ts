import { type Reader, readByte, readerAt, readName, readU32 } from './reader.ts';
import { malformed, unsupported } from './unsupported.ts';

/** Section ids (WebAssembly core specification, 5.5.2; 13 is the tag section of exception handling). */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The order in which sections stand in a module, which is not the order of their ids. */
const ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** One section of a module: `[start, end)` is its content within `bytes`. */
export interface Section {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Place of a section in a module; sections are written in rising order. */
export function sectionOrder(id: number): number {
  return ORDER.indexOf(id);
}

/**
 * The sections of a core module, custom ones left out: their offsets (debug information, branch hints) would be wrong
 * once code is inserted.
 *
 * @throws TabbifyError `build_failed` when it is not a core module or has a section this code does not know
 */
export function readSections(bytes: Uint8Array): Section[] {
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  if (header.some((byte, index) => bytes[index] !== byte)) throw malformed('it has no module header');
  const reader = readerAt(bytes, header.length);
  const sections: Section[] = [];
  while (reader.pos < bytes.length) {
    const id = readByte(reader);
    const size = readU32(reader);
    const start = reader.pos;
    const end = start + size;
    if (end > bytes.length) throw malformed(`section ${id} is longer than the file`);
    if (id !== SECTION.custom) {
      if (sectionOrder(id) < 0) throw unsupported(`section ${id}`, 'no section of that number is known here');
      sections.push({ id, start, end });
    }
    reader.pos = end;
  }
  return sections;
}

/** The names a module exports. */
export function exportNames(bytes: Uint8Array, section: Section | undefined): Set<string> {
  const names = new Set<string>();
  if (section === undefined) return names;
  const reader: Reader = readerAt(bytes, section.start);
  for (let count = readU32(reader); count > 0; count -= 1) {
    names.add(readName(reader));
    readByte(reader);
    readU32(reader);
  }
  return names;
}
