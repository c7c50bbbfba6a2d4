import type { Io, TerminalInput, TerminalOutput } from './io.ts';

/** What every question of `@clack/prompts` is asked with. */
export interface Asked {
  readonly input: TerminalInput;
  readonly output: TerminalOutput;
  readonly signal: AbortSignal;
}

/**
 * Puts a question to the person at the terminal.
 *
 * @param ask shows it, e.g. `(asked) => confirm({ message, ...asked })`
 * @returns null when the person left it: Ctrl-C, Escape, or the end of the input (Ctrl-D), which the library does not notice
 */
export async function answerTo<Answer>(
  { stdin, stdout, signal }: Io,
  ask: (asked: Asked) => Promise<Answer>,
): Promise<Exclude<Answer, symbol> | null> {
  const left = new AbortController();
  const leave = () => left.abort();
  const onKey = (_text: unknown, key?: { readonly ctrl?: boolean; readonly name?: string }) => {
    if (key?.ctrl === true && key.name === 'd') leave();
  };
  stdin.on('keypress', onKey);
  stdin.once('end', leave);
  stdin.once('close', leave);
  try {
    const signals = signal === undefined ? [left.signal] : [signal, left.signal];
    const answer = await ask({ input: stdin, output: stdout, signal: AbortSignal.any(signals) });
    return typeof answer === 'symbol' ? null : (answer as Exclude<Answer, symbol>);
  } finally {
    stdin.off('keypress', onKey);
    stdin.off('end', leave);
    stdin.off('close', leave);
  }
}
