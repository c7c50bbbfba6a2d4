import { Command, CommanderError } from 'commander';
import type { CliCommand } from './command.ts';
import { createContext } from './context.ts';
import { cliError } from './errors.ts';
import type { Io } from './terminal/io.ts';
import { EXIT_DONE, EXIT_USAGE, exitCodeOf, printError } from './terminal/print-error.ts';
import { columnsOf, wrapped } from './terminal/prose.ts';

export interface ProgramSpec {
  readonly name: string;
  readonly summary: string;
  readonly version: string;
  readonly commands: readonly CliCommand[];
  readonly details: string;
}

/**
 * Runs one command line.
 *
 * @param argv arguments without the program's name
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage
 */
export async function runProgram(spec: ProgramSpec, argv: readonly string[], io: Io): Promise<number> {
  let exitCode = EXIT_DONE;
  const json = argv.includes('--json');
  const program = commanderProgram(spec, io, (code) => {
    exitCode = code;
  });
  try {
    if (argv.length === 0) {
      program.outputHelp();
      return EXIT_USAGE;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT_DONE;
      printError(io, usageErrorOf(error, spec, argv), json);
      return EXIT_USAGE;
    }
    printError(io, error, json);
    return exitCodeOf(error);
  }
}

/**
 * The program as commander has it: what parses, and what the help and the reference in docs/commands.md are made of.
 *
 * @param finish called with the exit code of the command that ran
 */
export function commanderProgram(spec: ProgramSpec, io: Io, finish: (code: number) => void): Command {
  const columns = columnsOf(io.stdout);
  const program = new Command(spec.name)
    .description(spec.summary)
    .version(spec.version)
    .addHelpText('after', `\n${wrapped(spec.details, columns)}`)
    .helpCommand(true)
    // an option behind the name of a command below is that command's, though one above has one of that name
    .enablePositionalOptions();
  for (const command of spec.commands) program.addCommand(commanderCommand(command, io, finish));
  for (const command of [program, ...program.commands.flatMap((each) => [each, ...each.commands])]) {
    command
      .exitOverride()
      .configureHelp({ minWidthToWrap: 20 })
      .configureOutput({
        writeOut: (text) => void io.stdout.write(text),
        writeErr() {}, // its complaints are told in three parts instead
        getOutHelpWidth: () => Math.min(columns, 100),
        getOutHasColors: () => false,
      });
  }
  return program;
}

function commanderCommand(spec: CliCommand, io: Io, finish: (code: number) => void): Command {
  const [name = '', ...args] = spec.usage.split(' ');
  const command = new Command(name).summary(spec.summary).description(spec.summary);
  for (const arg of args) command.argument(arg);
  for (const option of spec.options ?? []) {
    if (option.parse !== undefined) {
      const parse = option.parse.bind(option);
      command.option(option.flags, option.summary, (text: string, before: unknown) => parse(text, before));
    } else command.option(option.flags, option.summary);
  }
  if (spec.run !== undefined) addAction(command, { ...spec, run: spec.run }, io, finish);
  if (spec.commands !== undefined) command.enablePositionalOptions();
  for (const below of spec.commands ?? []) command.addCommand(commanderCommand(below, io, finish));
  if (spec.details) command.addHelpText('after', `\n${wrapped(spec.details, columnsOf(io.stdout))}`);
  return command;
}

/** What a command does, and the options that each one has that does something. */
function addAction(
  command: Command,
  spec: CliCommand & Required<Pick<CliCommand, 'run'>>,
  io: Io,
  finish: (code: number) => void,
): void {
  if (spec.local !== true)
    command.option('--office <slug>', 'which office of the node (default: TABBIFY_OFFICE, else your own)');
  command.option(
    '--home <dir>',
    'home of the office on this machine (default: TABBIFY_HOME, else ~/.tabbify)',
  );
  command.option('--json', 'print JSON for machines');
  command.action(async () => {
    const options = command.opts<{ json?: boolean; home?: string; office?: string; tenant?: string }>();
    const { json = false, home, tenant, office = tenant } = options;
    finish((await spec.run(createContext(io, { json, home, office }), command.args, options)) ?? EXIT_DONE);
  });
}

/** Commander's one-line complaint in our three parts. */
function usageErrorOf(error: CommanderError, spec: ProgramSpec, argv: readonly string[]): Error {
  const [complaint = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const word = argv.find((each) => !each.startsWith('-'));
  const command = spec.commands.find(({ usage }) => usage.split(' ')[0] === word);
  if (command?.hidesArguments === true) return withoutArguments(error, `${spec.name} ${word}`);
  const below = command?.commands?.map(({ usage }) => usage.split(' ')[0]).join(', ');
  return cliError('usage', {
    what: `\`${spec.name} ${argv.join(' ')}\` cannot be run`,
    why:
      error.code === 'commander.help' ? `it needs one of: ${below}` : [complaint, ...rest].join(' ').trim(),
    hint: `See \`${spec.name} ${command === undefined ? '' : `${word} `}--help\`.`,
    cause: error,
  });
}

/** Complaints that name what is missing; others repeat what was given. */
const NAMES_NO_ARGUMENT = new Set(['commander.missingArgument', 'commander.optionMissingArgument']);

function withoutArguments({ code, message }: CommanderError, command: string): Error {
  return cliError('usage', {
    what: `\`${command} …\` cannot be run so`,
    why: NAMES_NO_ARGUMENT.has(code)
      ? message.replace(/^error: /, '')
      : 'it does not know the command, an option or an argument; which is not repeated here, it may be a secret',
    hint: `See \`${command} --help\`. The value of a secret is piped in (--from-stdin) or typed when asked, never an argument.`,
  });
}
