import { messageOf, TabbifyError } from '../../kit/index.ts';
import type { Io } from './io.ts';
import { prose } from './prose.ts';
import { painter, printable } from './style.ts';

/** Exit codes of every command (CONTRACTS §12). */
export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** 2 for a wrong call, else 1. */
export function exitCodeOf(error: unknown): number {
  return error instanceof TabbifyError && error.code === 'usage' ? EXIT_USAGE : EXIT_FAILED;
}

/** The three parts of anything that was thrown. */
export function partsOf(error: unknown): { what: string; why: string | null; hint: string } {
  if (error instanceof TabbifyError) {
    return {
      what: error.what,
      why: error.why ?? null,
      hint: error.hint ?? 'Run `tabbify doctor` to see what is wrong on this machine.',
    };
  }
  return {
    what: 'The command stopped unexpectedly',
    why: messageOf(error),
    hint: 'Run `tabbify doctor`; if it finds nothing, this is a fault of Tabbify: please report it with this text.',
  };
}

/** Where the text of each part begins: behind its label. */
const MARGIN = '       ';

/** A line of source with its number, or the mark below it: it must not be broken. */
const SOURCE_EXCERPT = /^\s*\d* \|/;

/** Prints an error on stderr: what, why, what to do; for machines as one JSON object with the same parts. */
export function printError(io: Io, error: unknown, json: boolean): void {
  const parts = partsOf(error);
  if (json) {
    const code = error instanceof TabbifyError ? error.code : 'unexpected';
    io.stderr.write(`${JSON.stringify({ error: { code, ...parts } })}\n`);
    return;
  }
  const paint = painter(io, io.stderr);
  const part = (label: string, text: string) => {
    const [first = '', ...more] = printable(text).trimEnd().split('\n');
    const lines = more.map((line) =>
      SOURCE_EXCERPT.test(line) ? `${MARGIN}${line}` : prose(io, io.stderr, `${MARGIN}${line}`),
    );
    const head = prose(io, io.stderr, `${label}  ${first}`, MARGIN.length);
    io.stderr.write(`${[head, ...lines].join('\n')}\n`);
  };
  part(paint(['red', 'bold'], 'error'), parts.what);
  if (parts.why !== null) part(`${paint('dim', 'why')}  `, parts.why);
  part(paint('dim', 'to do'), parts.hint);
}
