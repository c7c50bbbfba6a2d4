import type { CliCommand } from '../command.ts';
import { TABBIFY } from '../tabbify.ts';
import { TCLI } from '../tcli.ts';

/** A command line without arguments and options: `tabbify approvals approve`. */
export interface KnownCommand {
  readonly key: string;
  /** It asks no office. */
  readonly local: boolean;
}

/** All that `tabbify` and `tcli` do: what their help and docs/commands.md are made of. */
export function everyCommand(): KnownCommand[] {
  const below = (before: string, { usage, run, local, commands = [] }: CliCommand): KnownCommand[] => {
    const key = `${before} ${usage.split(' ')[0]}`;
    return [
      ...(run === undefined ? [] : [{ key, local: local === true }]),
      ...commands.flatMap((each) => below(key, each)),
    ];
  };
  return [TABBIFY, TCLI].flatMap(({ name, commands }) => commands.flatMap((each) => below(name, each)));
}
