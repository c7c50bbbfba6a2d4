import type { CliCommand } from './command.ts';
import { approvals } from './commands/tabbify/approvals.ts';
import { apps } from './commands/tabbify/apps.ts';
import { chat } from './commands/tabbify/chat.ts';
import { deploy } from './commands/tabbify/deploy.ts';
import { deployments } from './commands/tabbify/deployments.ts';
import { doctor } from './commands/tabbify/doctor.ts';
import { down } from './commands/tabbify/down.ts';
import { events } from './commands/tabbify/events.ts';
import { gateway } from './commands/tabbify/gateway.ts';
import { purge, reset, restart, start, stop } from './commands/tabbify/life-cycle.ts';
import { login } from './commands/tabbify/login.ts';
import { logs } from './commands/tabbify/logs.ts';
import { node } from './commands/tabbify/node.ts';
import { office } from './commands/tabbify/office.ts';
import { rollback } from './commands/tabbify/rollback.ts';
import { secrets } from './commands/tabbify/secrets.ts';
import { sessions } from './commands/tabbify/sessions.ts';
import { status } from './commands/tabbify/status.ts';
import { supervisor } from './commands/tabbify/supervisor.ts';
import { tokens } from './commands/tabbify/tokens.ts';
import { top } from './commands/tabbify/top.ts';
import { up } from './commands/tabbify/up.ts';
import { versions } from './commands/tabbify/versions.ts';
import { type ProgramSpec, runProgram } from './program.ts';
import { type Io, processIo } from './terminal/io.ts';
import { packageVersion } from './version.ts';

const COMMANDS: readonly CliCommand[] = [
  up,
  down,
  status,
  chat,
  apps,
  start,
  stop,
  restart,
  reset,
  purge,
  deploy,
  rollback,
  deployments,
  approvals,
  versions,
  events,
  logs,
  top,
  login,
  sessions,
  tokens,
  secrets,
  office,
  doctor,
  node,
  gateway,
  supervisor,
];

/** What `tabbify` is, for running it and for the reference. */
export const TABBIFY: ProgramSpec = {
  name: 'tabbify',
  summary:
    'An office for your AI: describe an outcome, approve what it may reach, run it on machines you own.',
  version: packageVersion(),
  commands: COMMANDS,
  details: 'Start here: tabbify up; then, in another terminal, tabbify chat "a page for my bakery"',
};

/**
 * `tabbify`: the office and what goes on in it.
 *
 * @param argv arguments without the program's name
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage
 */
export function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  return runProgram(TABBIFY, argv, io);
}
