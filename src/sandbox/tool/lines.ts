import type { Readable } from 'node:stream';

/** Characters of a line; who writes a longer one means harm. */
const MAX_LINE = 1024 * 1024;

/**
 * Takes what comes from a box line by line, and never more of it than a line into memory.
 *
 * @param tooLong called once, for a line that is too long; nothing more is taken then
 * @returns resolves when the last line was taken; a line without an end is none
 */
export async function takeLines(
  input: Readable,
  take: (line: string) => void,
  tooLong: () => void,
  maxLine = MAX_LINE,
): Promise<void> {
  let rest = '';
  try {
    for await (const chunk of input.setEncoding('utf8')) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      if ([rest, ...lines].some(({ length }) => length > maxLine)) return tooLong();
      for (const line of lines) take(line);
    }
  } catch (error) {
    // A box that ends before it has read all closes its side so.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  }
}
