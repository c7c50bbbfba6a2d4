export { everyCommand } from './every-command.ts';
export { type CliOptions, type CliOutcome, runCli } from './run-cli.ts';
export { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';
export { KEYS, openTerminal } from './terminal.ts';
