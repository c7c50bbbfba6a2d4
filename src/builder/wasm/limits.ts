import { builderError } from '../errors.ts';
import { type Reader, readByte, readU32 } from './reader.ts';
import { unsupported } from './unsupported.ts';
import { type Writer, writeByte, writeU32 } from './writer.ts';

/** Bytes of a WebAssembly page. */
export const PAGE_BYTES = 65_536;

/**
 * Entries all tables of an app may grow to together. A table lives outside linear memory, so `memory_mb` does not bound it; the JavaScript
 * engine of a component has about 13,000 functions.
 */
export const TABLE_MAX_ENTRIES = 1_000_000;

/** How large a module may grow. */
export interface Bounds {
  /** Pages of 64 KiB. */
  readonly memoryMaxPages: number;
  readonly tableMaxEntries: number;
}

/**
 * Copies the limits of a memory with its maximum lowered to the bound.
 *
 * @throws TabbifyError `build_failed` naming `memory_mb` when the module needs more from the start
 */
export function copyMemoryLimits(reader: Reader, writer: Writer, bounds: Bounds): void {
  const limits = readLimits(reader, 'memory');
  if (limits.min > bounds.memoryMaxPages) {
    const needed = Math.ceil((limits.min * PAGE_BYTES) / 2 ** 20);
    throw builderError('build_failed', {
      what: `The component needs ${needed} MiB of memory from the start`,
      why: `its bound is ${Math.floor((bounds.memoryMaxPages * PAGE_BYTES) / 2 ** 20)} MiB`,
      hint: `Write \`memory_mb = ${needed}\` or more under \`[runtime]\` in tabbify.toml.`,
    });
  }
  writeLimits(writer, limits.min, Math.min(limits.max ?? bounds.memoryMaxPages, bounds.memoryMaxPages));
}

/** Copies the limits of a table with its maximum lowered to the bound. */
export function copyTableLimits(reader: Reader, writer: Writer, { tableMaxEntries }: Bounds): void {
  const limits = readLimits(reader, 'table');
  if (limits.min > tableMaxEntries) {
    throw unsupported(`a table of ${limits.min} entries`, `it may hold ${tableMaxEntries}`);
  }
  writeLimits(writer, limits.min, Math.min(limits.max ?? tableMaxEntries, tableMaxEntries));
}

interface Limits {
  readonly min: number;
  readonly max: number | null;
}

function readLimits(reader: Reader, of: 'memory' | 'table'): Limits {
  const flags = readByte(reader);
  if ((flags & 0b0010) !== 0) throw unsupported(`a shared ${of}`, 'an app has one thread');
  if ((flags & 0b1100) !== 0)
    throw unsupported(`a 64-bit or custom-page ${of}`, 'bounds are in pages of 64 KiB');
  const min = readU32(reader);
  return { min, max: (flags & 1) === 1 ? readU32(reader) : null };
}

function writeLimits(writer: Writer, min: number, max: number): void {
  writeByte(writer, 1);
  writeU32(writer, min);
  writeU32(writer, max);
}
