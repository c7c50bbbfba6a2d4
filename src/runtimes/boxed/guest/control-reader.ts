import type { HostMessage } from '../protocol.ts';

/** What the host said; `bytes` is the app that came with `load`. */
export interface Told {
  readonly message: HostMessage;
  readonly bytes: Buffer | null;
}

/** Puts together what the host says. */
export interface ControlReader {
  /** Bytes of the app that is coming which are not here yet; 0: none is. */
  readonly missing: number;
  /**
   * Takes bytes as they come, in pieces of any size, and returns what is complete by then.
   *
   * @throws SyntaxError for a line that is not JSON: the host is trusted, so that is a defect
   */
  take(chunk: Uint8Array): readonly Told[];
}

const NEWLINE = 0x0a;

/** Reads the control connection: lines of JSON, of which `load` is followed by as many bytes as it says. */
export function controlReader(): ControlReader {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let load: (HostMessage & { readonly cmd: 'load' }) | null = null;

  /** Takes the first `size` bytes of what has come. */
  const cut = (size: number): Buffer => {
    const all = Buffer.concat(pieces);
    pieces = [all.subarray(size)];
    length -= size;
    return all.subarray(0, size);
  };

  return {
    get missing() {
      return load === null ? 0 : load.bytes - length;
    },
    take(chunk) {
      pieces.push(chunk);
      length += chunk.length;
      const told: Told[] = [];
      for (;;) {
        if (load !== null) {
          if (length < load.bytes) return told;
          told.push({ message: load, bytes: cut(load.bytes) });
          load = null;
        }
        const end = indexOf(NEWLINE, pieces);
        if (end < 0) return told;
        const message = JSON.parse(cut(end + 1).toString()) as HostMessage;
        if (message.cmd === 'load') load = message;
        else told.push({ message, bytes: null });
      }
    },
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
