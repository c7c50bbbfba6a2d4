import type { ApprovalReply } from '../client/approvals.ts';
import type { Context } from '../context.ts';
import { answerTo } from '../terminal/question.ts';

export type Answer = 'yes' | 'once' | 'no';

const ANSWERS: ReadonlyMap<string, Answer> = new Map([
  ...([
    ['y', 'yes'],
    ['yes', 'yes'],
  ] as const),
  ...([
    ['o', 'once'],
    ['once', 'once'],
  ] as const),
  ...([
    ['n', 'no'],
    ['no', 'no'],
  ] as const),
]);

/** A person's answer. @returns null when it is left open, also where nobody can be asked */
export async function askForYes(
  { io, json }: Pick<Context, 'io' | 'json'>,
  { kind }: Pick<ApprovalReply, 'kind'>,
): Promise<Answer | null> {
  if (json || io.stdin.isTTY !== true || io.stdout.isTTY !== true) return null;
  const { text } = await import('@clack/prompts');
  const answers = kind === 'deployment' ? 'y = yes, o = once, n = no' : 'y = yes, n = no';
  const known = (typed: string): Answer | undefined => {
    const answer = ANSWERS.get(typed.trim().toLowerCase());
    return answer === 'once' && kind !== 'deployment' ? undefined : answer;
  };
  const typed = await answerTo(io, (asked) =>
    text({
      message: `Do you say yes? ${answers}; Enter leaves it waiting`,
      defaultValue: '',
      validate: (value = '') =>
        value.trim() === '' || known(value) !== undefined ? undefined : `Type one of: ${answers}`,
      ...asked,
    }),
  );
  return known(typed ?? '') ?? null;
}
