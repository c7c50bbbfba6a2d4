import type { AppReply } from '../client/replies.ts';
import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { shellWord } from '../terminal/prose.ts';
import { answerTo } from '../terminal/question.ts';
import { printable } from '../terminal/style.ts';
import { hostsOf } from './hosts-of.ts';
import { storedText } from './stored-text.ts';

/**
 * A person's yes. Without a terminal to ask in nothing is purged.
 *
 * @param named what the person called the app
 * @param data what it has stored is to go as well
 * @throws TabbifyError `usage`
 */
export async function askForPurge(
  context: Context,
  app: AppReply,
  named: string,
  data: boolean,
): Promise<boolean> {
  const { io } = context;
  if (io.stdin.isTTY !== true || io.stdout.isTTY !== true || context.json) {
    throw cliError('usage', {
      what: 'Nothing was purged',
      why: 'a person has to say yes, and this is no terminal to ask in',
      hint: `Say yes beforehand: \`tabbify purge ${shellWord(named)}${data ? ' --data' : ''} --yes\`.`,
    });
  }
  const { confirm } = await import('@clack/prompts');
  const name = printable(app.name);
  const message = data
    ? `Stop ${name} and remove for good ${await whatItStored(context, app)}?`
    : `Stop ${name} and remove what ${hosts(app)} runs it with? What it has stored stays.`;
  if (await answerTo(io, (asked) => confirm({ message, initialValue: false, ...asked }))) return true;
  context.print('Nothing was purged.');
  return false;
}

async function whatItStored(context: Context, app: AppReply): Promise<string> {
  const { hosts: all } = await (await context.client()).stored(app.uuid);
  if (all.length === 0) return `what ${hosts(app)} runs it with (it has stored nothing)`;
  return `all that it has stored: ${all.map(storedText).join('; ')}`;
}

function hosts(app: AppReply): string {
  return printable(hostsOf(app).join(' and ')) || 'its host';
}
