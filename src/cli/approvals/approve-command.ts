import type { ApprovalReply } from '../client/approvals.ts';
import type { CliCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { cliError } from '../errors.ts';
import { EXIT_DONE, EXIT_FAILED } from '../terminal/print-error.ts';
import { printable } from '../terminal/style.ts';
import { approvalNamed } from './approval-named.ts';
import { type Answer, askForYes } from './ask-for-yes.ts';
import { othersWords } from './consent.ts';
import { differenceLines } from './difference-lines.ts';

interface ApproveFlags {
  readonly once?: boolean;
  readonly yes?: boolean;
}

export const approveCommand: CliCommand<ApproveFlags> = {
  usage: 'approve <id>',
  summary: 'Say yes to what an app asks for',
  details:
    'It shows what is new and asks; what was shown is what is approved. Needs the scope `approve`.\nExample: tabbify approvals approve 476fc2b2',
  options: [
    { flags: '--once', summary: 'for this deployment and no later one' },
    { flags: '-y, --yes', summary: 'do not ask, for scripts' },
  ],
  async run(context, [named = ''], { once = false, yes = false }) {
    const { approvals } = await context.client();
    const seen = await approvalNamed(approvals, named);
    if (seen.status === 'open') {
      requireAnswer(context, seen, yes);
      if (!context.json) context.print(...differenceLines(context, seen));
    }
    // one that is decided the office refuses, and says who decided it
    const answer = seen.status !== 'open' || yes ? 'yes' : await askForYes(context, seen);
    if (answer === null) return left(context);
    const said = await (answer === 'no'
      ? approvals.deny(seen.id, '')
      : approvals.approve(seen, once || answer === 'once'));
    if (context.json) context.printJson(said);
    else context.print(saidLine(said, answer));
    return EXIT_DONE;
  },
};

/** @throws TabbifyError `usage` where nobody can be asked and nothing was said beforehand */
function requireAnswer({ io, json }: Context, { id }: ApprovalReply, yes: boolean): void {
  if (yes || (io.stdin.isTTY === true && io.stdout.isTTY === true && !json)) return;
  throw cliError('usage', {
    what: 'Nothing was approved',
    why: 'a person has to say yes to what is shown, and this is no terminal to ask in',
    hint: `Look at it: \`tabbify approvals show ${id}\`; then say yes beforehand: \`tabbify approvals approve ${id} --yes\`.`,
  });
}

function left(context: Context): number {
  context.print('It waits on; nothing was decided.');
  return EXIT_FAILED;
}

function saidLine(approval: ApprovalReply, answer: Answer): string {
  if (answer === 'no') return 'Denied.';
  if (approval.status === 'open') return `Said yes. ${printable(othersWords(approval))}`;
  const next =
    approval.deployment_id === null
      ? ''
      : ` It goes on: \`tabbify deployments show ${approval.deployment_id} --follow\``;
  return `Approved${approval.once ? ' for this deployment only' : ''}.${next}`;
}
