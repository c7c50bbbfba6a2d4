import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { answerTo } from '../terminal/question.ts';
import { PLAIN, templates } from './templates.ts';

/**
 * The template that a person picks; the plain one where nobody can be asked.
 *
 * @throws TabbifyError `stopped` when the person leaves the question
 */
export async function chooseTemplate({ io, json }: Context): Promise<string> {
  if (json || io.stdin.isTTY !== true || io.stdout.isTTY !== true) return PLAIN;
  const { select } = await import('@clack/prompts');
  const message = 'What do you begin with?';
  const options = (await templates()).map(({ name, summary }) => ({
    value: name,
    label: name,
    hint: summary,
  }));
  const choice = await answerTo(io, (asked) => select({ message, options, ...asked }));
  if (choice !== null) return choice;
  throw cliError('stopped', {
    what: 'Nothing was written',
    hint: 'Run it again, or name one with `--template`.',
  });
}
