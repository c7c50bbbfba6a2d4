import type { HostMessage } from '../protocol.ts';

/** What the host said; `bytes` is the app that came with `load`. */
export interface Told {
  readonly message: HostMessage;
  readonly bytes: Buffer | null;
}

const NEWLINE = 0x0a;

/**
 * Takes the bytes of the control connection as they come, in pieces of any size, and returns what is complete by then:
 * lines of JSON, of which `load` is followed by as many bytes as it says.
 *
 * @throws SyntaxError for a line that is not JSON: the host is trusted, so that is a defect
 */
export function controlReader(): (chunk: Uint8Array) => readonly Told[] {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let load: (HostMessage & { readonly cmd: 'load' }) | null = null;

  /** Takes the first `size` bytes of what has come. */
  const take = (size: number): Buffer => {
    const all = Buffer.concat(pieces);
    pieces = [all.subarray(size)];
    length -= size;
    return all.subarray(0, size);
  };

  return (chunk) => {
    pieces.push(chunk);
    length += chunk.length;
    const told: Told[] = [];
    for (;;) {
      if (load !== null) {
        if (length < load.bytes) return told;
        told.push({ message: load, bytes: take(load.bytes) });
        load = null;
      }
      const end = indexOf(NEWLINE, pieces);
      if (end < 0) return told;
      const message = JSON.parse(take(end + 1).toString()) as HostMessage;
      if (message.cmd === 'load') load = message;
      else told.push({ message, bytes: null });
    }
  };
}

function indexOf(byte: number, pieces: readonly Uint8Array[]): number {
  let before = 0;
  for (const piece of pieces) {
    const index = piece.indexOf(byte);
    if (index >= 0) return before + index;
    before += piece.length;
  }
  return -1;
}
