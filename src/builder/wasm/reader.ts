/** A place in a binary module; every read moves `pos` on. */
export interface Reader {
  readonly bytes: Uint8Array;
  pos: number;
}

export function readerAt(bytes: Uint8Array, pos = 0): Reader {
  return { bytes, pos };
}

/** One byte; past the end it reads 0 and the caller's bounds check fails. */
export function readByte(reader: Reader): number {
  const byte = reader.bytes[reader.pos] ?? 0;
  reader.pos += 1;
  return byte;
}

/** An unsigned LEB128 of at most 32 bits (WebAssembly core specification, 5.2.2). */
export function readU32(reader: Reader): number {
  let value = 0;
  let factor = 1;
  for (;;) {
    const byte = readByte(reader);
    value += (byte & 0x7f) * factor;
    if ((byte & 0x80) === 0) return value;
    factor *= 0x80;
  }
}

/** Passes over a LEB128 of any size and sign. */
export function skipLeb(reader: Reader): void {
  while ((readByte(reader) & 0x80) !== 0);
}

/** A name: length in bytes, then UTF-8. */
export function readName(reader: Reader): string {
  const length = readU32(reader);
  const start = reader.pos;
  reader.pos += length;
  return new TextDecoder().decode(reader.bytes.subarray(start, reader.pos));
}
