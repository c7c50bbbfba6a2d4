import type { Context } from './context.ts';

/** One option, as commander writes it. */
export interface OptionSpec {
  /** e.g. `--lines <count>`, `-f, --follow`. */
  readonly flags: string;
  readonly summary: string;
  /**
   * Turns the text into a value; throws a `usage` error.
   *
   * @param before what it gave for the same option before, where that may be given more than once
   */
  parse?(text: string, before?: unknown): unknown;
}

/**
 * One command of `tabbify` or `tcli`. `--json`, `--home` and `--office` come with every command and are in the context.
 * What it needs of other rooms is imported inside `run`, so that starting stays fast.
 */
export interface CliCommand<Options extends object = object> {
  /** Name and arguments, e.g. `logs <app>`. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Further help below the options: what it does to the world, an example. */
  readonly details?: string;
  readonly options?: readonly OptionSpec[];
  /** It does not ask the office's API, so it takes no `--office`. */
  readonly local?: true;
  /** Wrong usage of it, or of those below, is told without repeating the command line: a secret may stand there by mistake. */
  readonly hidesArguments?: true;
  /** Commands below this one: `tokens create`, `events erase`. */
  readonly commands?: readonly CliCommand[];
  /**
   * Does it. A command that only gathers others has none.
   *
   * @returns the exit code; nothing means 0
   * @throws what is printed as an error: exit code 2 for `usage`, else 1
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a command that has nothing to say returns nothing
  run?(context: Context, args: readonly string[], options: Options): Promise<number | void>;
}
