import type { Io, TerminalOutput } from './io.ts';
import { type Paint, painter } from './style.ts';

/** Shows that work goes on. One at a time. */
export interface Progress {
  /** What is being done now. */
  step(text: string): void;
  /** The work is done; the text stays. */
  done(text: string): void;
  /** The work failed; the error itself is printed by the caller. */
  fail(text: string): void;
  /** Ends it, or interrupts it until the next step, without a word: something else is about to be printed. */
  clear(): void;
}

const silent: Progress = { step() {}, done() {}, fail() {}, clear() {} };

/**
 * Progress on stderr: a spinner on a terminal, a line per step elsewhere, nothing for machines (`--json`).
 *
 * @param quiet nothing is shown
 */
export function startProgress(io: Io, text: string, quiet: boolean): Progress {
  if (quiet) return silent;
  const progress = io.stderr.isTTY === true ? spinner(io.stderr, painter(io, io.stderr)) : lines(io.stderr);
  progress.step(text);
  return progress;
}

function lines(out: TerminalOutput): Progress {
  let last = '';
  const say = (text: string) => {
    if (text !== last) out.write(`${text}\n`);
    last = text;
  };
  return { step: say, done: say, fail: say, clear() {} };
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 90;
const START_OF_CLEARED_LINE = '\r\u001b[2K';

/** One line that turns. It leaves stdin and signals alone, so Ctrl-C ends the command as it should. */
function spinner(out: TerminalOutput, paint: Paint): Progress {
  let timer: NodeJS.Timeout | null = null;
  let frame = 0;
  let text = '';
  const draw = () => {
    const line = [...`${FRAMES[frame++ % FRAMES.length]} ${text}`].slice(0, (out.columns ?? 80) - 1);
    out.write(`${START_OF_CLEARED_LINE}${paint('cyan', line[0] ?? '')}${line.slice(1).join('')}`);
  };
  const clear = () => {
    if (timer === null) return;
    clearInterval(timer);
    timer = null;
    out.write(START_OF_CLEARED_LINE);
  };
  return {
    step(next) {
      text = next.replaceAll('\n', ' ');
      timer ??= setInterval(draw, FRAME_MS).unref();
      draw();
    },
    done(final) {
      clear();
      out.write(`${paint('green', '✓')} ${final}\n`);
    },
    fail(final) {
      clear();
      out.write(`${paint('red', '✗')} ${final}\n`);
    },
    clear,
  };
}
