import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { PLAIN, templates } from './templates.ts';

/**
 * The template that a person picks; the plain one where nobody can be asked.
 *
 * @throws TabbifyError `stopped` when the person leaves the question
 */
export async function chooseTemplate({ io, json }: Context): Promise<string> {
  if (json || io.stdin.isTTY !== true || io.stdout.isTTY !== true) return PLAIN;
  const { select, isCancel } = await import('@clack/prompts');
  const choice = await select({
    message: 'What do you begin with?',
    options: (await templates()).map(({ name, summary }) => ({ value: name, label: name, hint: summary })),
    input: io.stdin,
    output: io.stdout,
  });
  if (!isCancel(choice)) return choice;
  throw cliError('stopped', {
    what: 'Nothing was written',
    hint: 'Run it again, or name one with `--template`.',
  });
}
