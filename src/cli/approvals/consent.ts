import { TabbifyError } from '../../kit/index.ts';
import type { ApprovalReply, ApprovalsClient } from '../client/approvals.ts';
import type { Context } from '../context.ts';
import { localMoment } from '../terminal/local-time.ts';
import { printable } from '../terminal/style.ts';
import { askForYes } from './ask-for-yes.ts';
import { differenceLines } from './difference-lines.ts';

/** What stays undecided. */
export interface Waiting {
  readonly kind: 'waits';
  readonly approval: ApprovalReply;
  /** Who can decide, where that is not clear; else empty. */
  readonly who: string;
}

export type Decision = { readonly kind: 'yes' | 'no' } | Waiting;

/** Has an approval decided by whoever calls the command, or leaves it waiting. */
export type Consent = (approvals: ApprovalsClient, id: string) => Promise<Decision>;

/**
 * Shows what is to be decided and has it decided: by `--approve`, else by the person at the terminal; without one it waits.
 *
 * @param flags.approve say yes to what is shown
 */
export function consentOf(context: Context, { approve = false } = {}): Consent {
  return async (approvals, id) => {
    while (true) {
      const approval = await approvals.show(id);
      if (approval.status !== 'open') return decided(approval);
      if (!context.json) context.print(...differenceLines(context, approval));
      const answer = approve ? 'yes' : await askForYes(context, approval);
      if (answer === null) return waits(approval);
      const decision = await (answer === 'no'
        ? say(approval, () => approvals.deny(id, ''))
        : say(approval, () => approvals.approve(approval, answer === 'once')));
      if (decision !== 'again') return decision;
    }
  };
}

/** Does what a person said. @returns `again` when the approval is not what was read any more */
export async function say(
  seen: ApprovalReply,
  tell: () => Promise<ApprovalReply>,
): Promise<Decision | 'again'> {
  try {
    const approval = await tell();
    return approval.status === 'open' ? waits(approval, othersWords(approval)) : decided(approval);
  } catch (error) {
    if (!(error instanceof TabbifyError)) throw error;
    if (error.code === 'approval_changed' || error.code === 'approval_ended') return 'again';
    if (error.code === 'approval_given') return waits(seen, othersWords(seen));
    if (error.status !== 403) throw error;
    return waits(
      seen,
      'This credential cannot decide it: that needs the scope `approve`, which the roles owner and approver have.',
    );
  }
}

function decided({ status }: ApprovalReply): Decision {
  return { kind: status === 'granted' ? 'yes' : 'no' };
}

function waits(approval: ApprovalReply, who = ''): Waiting {
  return { kind: 'waits', approval, who };
}

/** Of an approval that one yes was not enough for. */
export function othersWords({ persons, granted_by: said }: ApprovalReply): string {
  const of = `${said.length} of ${persons} persons ${said.length === 1 ? 'has' : 'have'} said yes`;
  return `${of} (${said.join(', ')}); somebody else with the scope \`approve\` has to as well.`;
}

/** Lines that tell of a version that was left waiting, with the command that goes on. */
export function waitingLines(
  { paint }: Pick<Context, 'paint'>,
  { name, version }: { readonly name: string; readonly version: number },
  { approval, who }: Waiting,
): string[] {
  return [
    `${paint('bold', printable(name))}  version ${version} ${paint('yellow', 'waits for a yes')}; what was in place before stays.`,
    ...(who === '' ? [] : [`  ${printable(who)}`]),
    `  Say yes: \`tabbify approvals approve ${approval.id}\``,
    `  Undecided on ${localMoment(approval.expires_at)}, it is a no.`,
  ];
}
