import type { CliCommand } from './command.ts';
import { dev } from './commands/tcli/dev.ts';
import { init } from './commands/tcli/init.ts';
import { push } from './commands/tcli/push.ts';
import { test } from './commands/tcli/test.ts';
import { types } from './commands/tcli/types.ts';
import { validate } from './commands/tcli/validate.ts';
import { type ProgramSpec, runProgram } from './program.ts';
import { type Io, processIo } from './terminal/io.ts';
import { packageVersion } from './version.ts';

const COMMANDS: readonly CliCommand[] = [init, types, validate, dev, test, push];

/** What `tcli` is, for running it and for the reference. */
export const TCLI: ProgramSpec = {
  name: 'tcli',
  summary: 'Publish apps to a Tabbify office.',
  version: packageVersion(),
  commands: COMMANDS,
  details: 'Start here: tcli init my-app && tcli push my-app\nThe office itself is run with `tabbify`.',
};

/**
 * `tcli`: from a folder to a running app.
 *
 * @param argv arguments without the program's name
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage
 */
export function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  return runProgram(TCLI, argv, io);
}
