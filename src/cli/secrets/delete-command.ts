import type { CliCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { shellWord } from '../terminal/prose.ts';
import { answerTo } from '../terminal/question.ts';
import { printable } from '../terminal/style.ts';
import { tenantOption } from './tenant-option.ts';

export const deleteCommand: CliCommand<{ readonly yes?: boolean }> = {
  usage: 'delete <name>',
  summary: 'Delete a secret for good',
  options: [{ flags: '-y, --yes', summary: 'delete without asking' }, tenantOption],
  async run(context, [name = ''], { yes = false }) {
    const { secrets } = await context.client();
    if (!yes && !(await isMeant(context, name))) return;
    const gone = await secrets.remove(name);
    if (context.json) return context.printJson(gone);
    context.print(`Deleted ${printable(name)}.`);
  },
};

async function isMeant(context: Context, name: string): Promise<boolean> {
  const { io } = context;
  if (io.stdin.isTTY !== true || io.stdout.isTTY !== true || context.json) {
    throw cliError('usage', {
      what: 'Nothing was deleted',
      why: 'a person has to say yes, and this is no terminal to ask in',
      hint: `Say yes beforehand: \`tabbify secrets delete ${shellWord(name)} --yes\`.`,
    });
  }
  const { confirm } = await import('@clack/prompts');
  const message = `Delete the secret ${printable(name)}? Nobody can bring its value back.`;
  if (await answerTo(io, (asked) => confirm({ message, initialValue: false, ...asked }))) return true;
  context.print('Nothing was deleted.');
  return false;
}
