import type { AppReply } from '../client/replies.ts';
import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { shellWord } from '../terminal/prose.ts';
import { printable } from '../terminal/style.ts';
import { hostsOf } from './hosts-of.ts';

/**
 * A person's yes. Without a terminal to ask in nothing is purged.
 *
 * @param named what the person called the app
 * @throws TabbifyError `usage`
 */
export async function askForPurge(context: Context, app: AppReply, named: string): Promise<boolean> {
  const { io } = context;
  if (io.stdin.isTTY !== true || io.stdout.isTTY !== true || context.json) {
    throw cliError('usage', {
      what: 'Nothing was purged',
      why: 'a person has to say yes, and this is no terminal to ask in',
      hint: `Say yes beforehand: \`tabbify purge ${shellWord(named)} --yes\`.`,
    });
  }
  const { confirm, isCancel } = await import('@clack/prompts');
  const answer = await confirm({
    message: `Stop ${printable(app.name)} and remove it, and all data it has stored, from ${printable(hostsOf(app).join(' and ')) || 'its host'}?`,
    initialValue: false,
    input: io.stdin,
    output: io.stdout,
  });
  if (answer === true && !isCancel(answer)) return true;
  context.print('Nothing was purged.');
  return false;
}
