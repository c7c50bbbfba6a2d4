import type { Readable } from 'node:stream';

/** Bytes of a line; who writes a longer one means harm. */
const MAX_LINE = 1024 * 1024;
const NEWLINE = 0x0a;

/** Says how many bytes follow a line that are no lines. */
export type Follow = (bytes: number) => void;

/** What is done with what comes. */
export interface LineTaker {
  /** Takes a line without its end. @param follow says how many bytes follow it that are no lines */
  line(line: string, follow: Follow): void;
  /** Takes bytes of those that follow a line, as they come. */
  bytes?(bytes: Buffer): void;
  /** Called once, for a line that is too long; nothing more is taken then. */
  tooLong(): void;
}

/**
 * Takes what comes from a box line by line, and never more of it than a line into memory.
 *
 * @returns resolves when the last line was taken; a line without an end is none
 */
export async function takeLines(input: Readable, take: LineTaker, maxLine = MAX_LINE): Promise<void> {
  let pieces: Buffer[] = [];
  let length = 0;
  let following = 0;
  const follow: Follow = (bytes) => {
    following = bytes;
  };
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      for (let from = 0; from < chunk.length; ) {
        if (following > 0) {
          const bytes = chunk.subarray(from, from + following);
          following -= bytes.length;
          from += bytes.length;
          take.bytes?.(bytes);
          continue;
        }
        const end = chunk.indexOf(NEWLINE, from);
        const piece = chunk.subarray(from, end < 0 ? undefined : end);
        length += piece.length;
        if (length > maxLine) return take.tooLong();
        pieces.push(piece);
        if (end < 0) break;
        const line = Buffer.concat(pieces).toString();
        [pieces, length, from] = [[], 0, end + 1];
        take.line(line, follow);
      }
    }
  } catch (error) {
    // A box that ends before it has read all closes its side so.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  }
}
