import type { Draft } from '../../agent/index.ts';
import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { shellWord } from '../terminal/prose.ts';
import { answerTo } from '../terminal/question.ts';
import { printable } from '../terminal/style.ts';
import { contentLines } from './show-draft.ts';

/**
 * A person's decision on a draft. Where nobody can be asked and `--yes` was not given, nothing is pushed.
 *
 * @throws TabbifyError `usage` when stdin or stdout is no terminal
 */
export async function askPerson(context: Context, draft: Draft, yes: boolean): Promise<boolean> {
  if (yes) return true;
  const { io } = context;
  if (io.stdin.isTTY !== true || io.stdout.isTTY !== true || context.json) {
    throw cliError('usage', {
      what: `${draft.name} is ready, but was not pushed`,
      why: 'a person has to say yes, and this is no terminal to ask in',
      hint: `Look at ${draft.dir}, then push it: \`tcli push ${shellWord(draft.dir)}\`; or say yes beforehand with --yes.`,
    });
  }
  const { select } = await import('@clack/prompts');
  while (true) {
    const answer = await answerTo(io, (asked) =>
      select({
        message: `Push ${printable(draft.name).replaceAll('\n', ' ')} and let it run?`,
        options: [
          { value: 'yes', label: 'Yes' },
          { value: 'show', label: 'Show me the files first' },
          { value: 'no', label: 'No' },
        ],
        ...asked,
      }),
    );
    if (answer === null || answer === 'no') return false;
    if (answer === 'yes') return true;
    for (const line of await contentLines(context, draft)) context.printRaw(line);
  }
}
