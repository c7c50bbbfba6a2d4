import { covers } from '../../app/index.ts';
import type { ApprovalReply } from '../client/approvals.ts';
import type { Context } from '../context.ts';
import { type Consent, consentOf, say } from './consent.ts';

/**
 * The consent of a person who has said yes to a draft: to what was shown there, and to nothing else. Where the deployment asks for
 * more, he is shown that and asked again.
 *
 * @param shown capabilities that were shown with the draft
 */
export function consentToDraft(context: Context, shown: () => readonly string[]): Consent {
  const ask = consentOf(context);
  return async (approvals, id) => {
    const approval = await approvals.show(id);
    if (!wasShown(approval, shown())) return ask(approvals, id);
    const decision = await say(approval, () => approvals.approve(approval, false));
    return decision === 'again' ? ask(approvals, id) : decision;
  };
}

function wasShown({ kind, items, doubts }: ApprovalReply, shown: readonly string[]): boolean {
  return (
    kind === 'deployment' &&
    doubts.length === 0 &&
    items.every(
      ({ change, capability }) =>
        change === 'removed' || shown.some((granted) => covers(granted, capability)),
    )
  );
}
