import { stripVTControlCharacters } from 'node:util';
import type { Io, TerminalOutput } from './io.ts';

/** Narrower than this, wrapping would leave one word a line: the terminal may then break lines as it likes. */
const NARROWEST = 24;

/** Columns that text for people may use: those of a terminal, without bound elsewhere. */
export function columnsOf(stream: TerminalOutput): number {
  return stream.isTTY === true && stream.columns ? stream.columns : Number.POSITIVE_INFINITY;
}

/**
 * Text for people as it should stand on the stream: commands in backticks as they are typed here, and lines of a terminal
 * broken between words. What is not prose (an app's log, a file) is written to the stream as it is.
 *
 * @param indent columns by which lines that go on stand further in than their beginning
 */
export function prose(io: Io, stream: TerminalOutput, text: string, indent = 0): string {
  return wrapped(asTyped(io, text), columnsOf(stream), indent);
}

/**
 * `tabbify` and `tcli` in backticks as this person types them: in a clone nothing is on the PATH, and what was called by
 * `npx` (or `npm start`) is called by `npx` again.
 */
export function asTyped(io: Pick<Io, 'env'>, text: string): string {
  return io.env.npm_command === undefined ? text : text.replaceAll(/`(?=(?:tabbify|tcli) )/g, '`npx ');
}

/**
 * Breaks lines between words. A line that goes on begins under the first word of its line, plus `indent`; a word longer than
 * the line (a URL) stays whole, so that it can be clicked and copied. Colours do not count as width.
 */
export function wrapped(text: string, columns: number, indent = 0): string {
  if (columns === Number.POSITIVE_INFINITY) return text;
  return text
    .split('\n')
    .map((line) => wrappedLine(line, columns, indent))
    .join('\n');
}

function wrappedLine(line: string, columns: number, indent: number): string {
  if (visibleWidth(line) <= columns) return line;
  const margin = (/^ */.exec(stripVTControlCharacters(line))?.[0].length ?? 0) + indent;
  if (columns - margin < NARROWEST) return line;
  const lines: string[] = [];
  let current = '';
  for (const [, space = '', word = ''] of line.matchAll(/( *)([^ ]*)/g)) {
    if (word === '') continue;
    const isFirst = visibleWidth(current) === 0 || current.trim() === '';
    if (!isFirst && visibleWidth(current) + space.length + visibleWidth(word) > columns) {
      lines.push(current);
      current = ' '.repeat(margin) + word;
    } else {
      current += space + word;
    }
  }
  return [...lines, current].join('\n');
}

/** Columns a text takes: colours take none. */
export function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** A path or name as one word of a command line that a person may copy. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
