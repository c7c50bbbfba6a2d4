import type { CliCommand } from '../command.ts';
import { cliError } from '../errors.ts';
import { printable } from '../terminal/style.ts';
import { readValue } from './read-value.ts';
import { tenantOption } from './tenant-option.ts';

export const registerCommand: CliCommand<{ readonly fromStdin?: boolean }> = {
  usage: 'register <name> <kind> [value...]',
  summary: 'Put a secret in; its value is piped in or typed unseen, and never comes out again',
  details:
    'The kind is api-key, token, password, webhook-secret, file or other. A value given as an argument is refused: it would stand in the history of the shell. Of a piped text one line end is taken off; a file is kept byte for byte.\n' +
    'Example: echo "sk-ant-1234567890" | tabbify secrets register anthropic_api_key api-key --from-stdin',
  options: [{ flags: '--from-stdin', summary: 'read the value from stdin' }, tenantOption],
  async run(context, [name = '', kind = '', ...extra], { fromStdin = false }) {
    const { SECRET_KINDS } = await import('../../app/index.ts');
    if (!(SECRET_KINDS as readonly string[]).includes(kind)) {
      throw cliError('usage', {
        what: 'The secret cannot be registered',
        why: 'what stands after its name is none of the kinds there are', // and may be the value
        hint: `Name one of ${SECRET_KINDS.join(', ')}, and pipe the value in with --from-stdin.`,
      });
    }
    const value = await readValue(context, { name, extra, fromStdin, isFile: kind === 'file' });
    if (value === null) return context.print('Nothing was registered.');
    const secret = await (await context.client()).secrets.register(name, kind, value);
    if (context.json) return context.printJson(secret);
    context.print(`Sealed ${printable(secret.name)} (${kind}), version ${secret.version}.`);
  },
};
