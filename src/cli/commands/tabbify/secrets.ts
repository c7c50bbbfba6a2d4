import type { CliCommand } from '../../command.ts';
import { auditCommand } from '../../secrets/audit-command.ts';
import { deleteCommand } from '../../secrets/delete-command.ts';
import { listCommand } from '../../secrets/list-command.ts';
import { registerCommand } from '../../secrets/register-command.ts';
import { rotateCommand } from '../../secrets/rotate-command.ts';

export const secrets: CliCommand = {
  usage: 'secrets',
  summary: 'Secrets of the office: register, list, rotate, delete, audit; they go in and never come out',
  hidesArguments: true,
  commands: [
    registerCommand,
    listCommand,
    rotateCommand,
    deleteCommand,
    auditCommand,
  ] as readonly CliCommand[],
};
