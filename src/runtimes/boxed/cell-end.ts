import type { BoxEnd } from '../../sandbox/index.ts';
import type { Problem } from '../problem.ts';
import type { AppExit } from '../runtime.ts';
import { appEnded } from './problems.ts';

/** Why a guest is not there any more. */
export type CellEnd =
  /** It went past a bound; another takes its place. */
  | { readonly kind: 'bound'; readonly bound: 'memory' | 'cpu'; readonly problem: Problem }
  /** It ended by itself. */
  | { readonly kind: 'exit'; readonly exit: AppExit; readonly problem: Problem }
  /** It was ended by its host. */
  | { readonly kind: 'told' };

/** V8 says so before it ends the process, which it does by SIGABRT. */
const HEAP_FULL = /heap out of memory|FATAL ERROR: .*(?:Allocation failed|heap limit)/;
const ABORTED = [134, 133]; // 128 + SIGABRT, SIGTRAP, as a box's first process passes them on

/**
 * Tells a bound from an end of the app's own.
 *
 * @param why the host's own reason for ending it; null: it had none
 * @param lastErrors what it wrote last to its standard error
 * @param memoryExhausted what to say when it was its bound of memory; null: nobody's app was in it
 */
export function explainEnd(
  end: BoxEnd,
  why: CellEnd | null,
  lastErrors: readonly string[],
  memoryExhausted: Problem | null,
): CellEnd {
  if (why !== null) return why;
  const isHeapFull = isAbort(end) && lastErrors.some((line) => HEAP_FULL.test(line));
  if (memoryExhausted !== null && (end.cause === 'memory' || isHeapFull))
    return { kind: 'bound', bound: 'memory', problem: memoryExhausted };
  const how = end.signal === null ? `with code ${end.code}` : `by ${end.signal}`;
  const lastWords = lastWordsOf(lastErrors);
  const reason =
    lastWords === undefined ? `it ended ${how}` : `it ended ${how}; its last words: ${lastWords}`;
  return { kind: 'exit', exit: { code: end.code, reason }, problem: appEnded(how) };
}

function isAbort({ code, signal }: BoxEnd): boolean {
  return signal === 'SIGABRT' || signal === 'SIGTRAP' || (code !== null && ABORTED.includes(code));
}

/**
 * The line that says most of why a program ended: of what Node writes of an error that nobody caught, the one above its stack, as its own
 * fields may stand below; else the last that says anything.
 */
function lastWordsOf(lines: readonly string[]): string | undefined {
  const isEndOfNode = lines.some((line) => line.startsWith('Node.js v'));
  const said = isEndOfNode
    ? lines.findLast((line, at) => isTitle(line) && isBelowTitle(lines[at + 1]))
    : undefined;
  return said ?? lines.findLast((line) => !isNoise(line));
}

/** `RangeError: too far`, `UnhandledPromiseRejection: …`, `Error [ERR_X]: …`; not the line that says where an event came from. */
function isTitle(line: string): boolean {
  return /^(?:Uncaught )?[A-Z][\w$.]*(?: \[[^\]]*\])?(?::|$|\s\{)/.test(line);
}

/** A stack, the fields of an error, Node's last word, or nothing more. */
function isBelowTitle(line: string | undefined): boolean {
  return line === undefined || /^\s|^Node\.js v|^\}/.test(line);
}

/** Lines below an error that say nothing of it. */
function isNoise(line: string): boolean {
  return /^\s+at |^Node\.js v|^\s*\^+\s*$|^\s*[{}]\s*$|^\s*\d+: |^-{3,}|^Emitted '/.test(line);
}
