import type { CliCommand } from '../../command.ts';
import { endCommand } from '../../sessions/end-command.ts';
import { listCommand } from '../../sessions/list-command.ts';

export const sessions: CliCommand = {
  usage: 'sessions',
  summary: 'Browsers that are signed in by your credential: list, end',
  commands: [listCommand, endCommand] as readonly CliCommand[],
};
