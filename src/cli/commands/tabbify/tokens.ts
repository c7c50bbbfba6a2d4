import type { CliCommand } from '../../command.ts';
import { issueCommand } from '../../tokens/issue-command.ts';
import { listCommand } from '../../tokens/list-command.ts';
import { revokeCommand } from '../../tokens/revoke-command.ts';

export const tokens: CliCommand = {
  usage: 'tokens',
  summary: 'Credentials of the office: create, list, revoke',
  commands: [issueCommand, listCommand, revokeCommand] as readonly CliCommand[],
};
