import type { Io } from './io.ts';

/** Shows that work goes on. One at a time. */
export interface Progress {
  /** What is being done now. */
  step(text: string): void;
  /** The work is done; the text stays. */
  done(text: string): void;
  /** The work failed; the error itself is printed by the caller. */
  fail(text: string): void;
  /** Ends it without a word. */
  clear(): void;
}

const silent: Progress = { step() {}, done() {}, fail() {}, clear() {} };

/**
 * Progress on stderr: a spinner on a terminal, a line per step elsewhere, nothing for machines (`--json`).
 *
 * @param quiet nothing is shown
 */
export async function startProgress(io: Io, text: string, quiet: boolean): Promise<Progress> {
  if (quiet) return silent;
  if (io.stderr.isTTY !== true) return lineProgress(io, text);
  const { spinner } = await import('@clack/prompts');
  const spin = spinner({ output: io.stderr, withGuide: false });
  spin.start(text);
  return {
    step: (next) => spin.message(next),
    done: (final) => spin.stop(final),
    fail: (final) => spin.error(final),
    clear: () => spin.clear(),
  };
}

function lineProgress(io: Io, first: string): Progress {
  let last = '';
  const say = (text: string) => {
    if (text !== last) io.stderr.write(`${text}\n`);
    last = text;
  };
  say(first);
  return { step: say, done: say, fail: say, clear() {} };
}
