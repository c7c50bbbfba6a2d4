/** Bytes after which a line is cut into the next one. */
const MAX_LINE_BYTES = 8 * 1024;
const NEWLINE = 0x0a;

/** A standard stream of an app, cut into lines of UTF-8. */
export class LineSink {
  readonly #emit: (line: string) => void;
  #rest: Uint8Array[] = [];
  #restBytes = 0;

  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  write(bytes: Uint8Array): void {
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, from);
      if (end < 0) break;
      this.#keep(bytes.subarray(from, end));
      this.#emitRest();
      from = end + 1;
    }
    this.#keep(bytes.subarray(from));
  }

  /** Emits a line that has no end yet. */
  flush(): void {
    if (this.#restBytes > 0) this.#emitRest();
  }

  #keep(part: Uint8Array): void {
    let rest = part;
    while (this.#restBytes + rest.length > MAX_LINE_BYTES) {
      const size = MAX_LINE_BYTES - this.#restBytes;
      this.#rest.push(rest.subarray(0, size));
      this.#emitRest();
      rest = rest.subarray(size);
    }
    if (rest.length === 0) return;
    this.#rest.push(rest);
    this.#restBytes += rest.length;
  }

  #emitRest(): void {
    const line = Buffer.concat(this.#rest).toString('utf8');
    this.#rest = [];
    this.#restBytes = 0;
    this.#emit(line.endsWith('\r') ? line.slice(0, -1) : line);
  }
}
