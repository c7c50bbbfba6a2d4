import { messageOf, TabbifyError } from '../../kit/index.ts';
import type { Io } from './io.ts';
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

/** Prints an error on stderr: what, why, what to do; for machines as one JSON object with the same parts. */
export function printError(io: Io, error: unknown, json: boolean): void {
  const parts = partsOf(error);
  if (json) {
    const code = error instanceof TabbifyError ? error.code : 'unexpected';
    io.stderr.write(`${JSON.stringify({ error: { code, ...parts } })}\n`);
    return;
  }
  const paint = painter(io, io.stderr);
  const lines = [`${paint(['red', 'bold'], 'error')}  ${printable(parts.what)}`];
  if (parts.why !== null) lines.push(`${paint('dim', 'why')}    ${indented(printable(parts.why))}`);
  lines.push(`${paint('dim', 'to do')}  ${indented(printable(parts.hint))}`);
  io.stderr.write(`${lines.join('\n')}\n`);
}

function indented(text: string): string {
  return text.trimEnd().replaceAll('\n', '\n       ');
}
