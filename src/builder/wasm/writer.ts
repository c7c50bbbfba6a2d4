/** A growing byte buffer. */
export interface Writer {
  bytes: Uint8Array;
  length: number;
}

export function createWriter(capacity = 1024): Writer {
  return { bytes: new Uint8Array(capacity), length: 0 };
}

/** What was written so far; a view, valid until the next write. */
export function written(writer: Writer): Uint8Array {
  return writer.bytes.subarray(0, writer.length);
}

export function writeByte(writer: Writer, byte: number): void {
  reserve(writer, 1);
  writer.bytes[writer.length] = byte;
  writer.length += 1;
}

export function writeBytes(writer: Writer, bytes: Uint8Array | readonly number[]): void {
  reserve(writer, bytes.length);
  writer.bytes.set(bytes, writer.length);
  writer.length += bytes.length;
}

/** Copies `[start, end)` of another buffer. */
export function writeRange(writer: Writer, source: Uint8Array, start: number, end: number): void {
  const size = end - start;
  reserve(writer, size);
  if (size < 24) {
    // A short run is quicker byte by byte than through a view; function bodies are mostly short runs.
    for (let index = 0; index < size; index += 1) {
      writer.bytes[writer.length + index] = source[start + index] as number;
    }
  } else {
    writer.bytes.set(source.subarray(start, end), writer.length);
  }
  writer.length += size;
}

/** Unsigned LEB128. */
export function writeU32(writer: Writer, value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    writeByte(writer, (rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  writeByte(writer, rest);
}

/** A name: length in bytes, then UTF-8. */
export function writeName(writer: Writer, name: string): void {
  const bytes = new TextEncoder().encode(name);
  writeU32(writer, bytes.length);
  writeBytes(writer, bytes);
}

/** A section: id, size, content (WebAssembly core specification, 5.5.2). */
export function writeSection(writer: Writer, id: number, content: Uint8Array): void {
  writeByte(writer, id);
  writeU32(writer, content.length);
  writeBytes(writer, content);
}

/** Signed LEB128 as bytes. */
export function signedLeb(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const byte = Number(rest & 0x7fn);
    rest >>= 7n;
    const done = (rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0);
    bytes.push(done ? byte : byte | 0x80);
    if (done) return bytes;
  }
}

/** Unsigned LEB128 as bytes. */
export function unsignedLeb(value: number): number[] {
  const writer = createWriter(8);
  writeU32(writer, value);
  return [...written(writer)];
}

function reserve(writer: Writer, size: number): void {
  if (writer.length + size <= writer.bytes.length) return;
  const grown = new Uint8Array(Math.max(writer.bytes.length * 2, writer.length + size));
  grown.set(writer.bytes.subarray(0, writer.length));
  writer.bytes = grown;
}
