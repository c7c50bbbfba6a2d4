import type { Clock } from '../../kit/index.ts';
import { type ApprovalState, domainEvent } from '../../state/index.ts';
import { neededPersons } from '../approvals/needed-persons.ts';
import type { PolicyOf } from '../approvals/policies.ts';
import { standingYes } from '../approvals/standing-yes.ts';
import { requireInForce } from '../credentials/principal.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { approvalOfOffice } from './approval-of-office.ts';
import type { CommandQueue } from './command-queue.ts';
import { type Asker, idFor } from './idempotency.ts';
import { tellHosts } from './tell-hosts.ts';

export interface DecisionTools {
  readonly live: LiveState;
  readonly commands: CommandQueue;
  readonly clock: Clock;
  readonly policyOf: PolicyOf;
}

/** What a person says yes to: what he was shown. */
export interface Yes {
  /** `difference` of the approval. */
  readonly difference: string;
  /** Digest of the version that he was shown; null: there was none, or he does not say. */
  readonly digest: string | null;
  /** For this deployment alone. */
  readonly once: boolean;
}

/**
 * A person says yes. It counts for what he saw and nothing else; with a policy that wants two, the second one decides.
 *
 * @throws approval_unknown; approval_ended, naming who decided; approval_changed when it is about something else than what he saw;
 *   approval_given for a person who said yes before; not_allowed when the policy has come to deny it
 */
export function approve(tools: DecisionTools, asker: Asker, id: string, yes: Yes): Promise<ApprovalState> {
  const { live, commands, clock, policyOf } = tools;
  return commands.run(async () => {
    requireInForce(asker.principal);
    const approval = approvalOfOffice(live.office, asker, id);
    const { actor, office } = asker.principal;
    const eventId = idFor(asker, `approve ${id}`);
    const standing = standingYes(live.office, approval);
    if (asker.idempotencyKey !== null && standing.includes(actor)) return approval;
    requireOpen(approval, clock);
    if (yes.difference !== approval.difference || (yes.digest ?? approval.digest) !== approval.digest) {
      throw changed(approval);
    }
    if (yes.once && approval.kind !== 'deployment') throw onceMeansNothing(approval);
    const persons = neededPersons(live.office, approval, policyOf);
    if (persons === null) throw nobodyMay(approval);
    if (standing.includes(actor)) throw saidBefore(standing, persons, actor);
    const complete = standing.length + 1 >= persons;
    const context = { actor, source: '/node', office, id: eventId, clock };
    const data = { approval_id: id, difference: approval.difference, once: yes.once, complete };
    await commands.append(domainEvent('approval_granted', data, context));
    if (complete && approval.kind === 'capability') await tellHosts(tools, approval.app, eventId);
    return approval;
  });
}

/** A person says no, which ends it. @throws approval_unknown, approval_ended */
export function deny(tools: DecisionTools, asker: Asker, id: string, reason: string): Promise<ApprovalState> {
  const { live, commands, clock } = tools;
  return commands.run(async () => {
    requireInForce(asker.principal);
    const approval = approvalOfOffice(live.office, asker, id);
    const { actor, office } = asker.principal;
    if (asker.idempotencyKey !== null && approval.deniedBy === actor) return approval;
    requireOpen(approval, clock);
    const context = { actor, source: '/node', office, id: idFor(asker, `deny ${id}`), clock };
    await commands.append(domainEvent('approval_denied', { approval_id: id, reason }, context));
    return approval;
  });
}

const HOW = {
  granted: ({ grantedBy }: ApprovalState) => `${grantedBy.join(' and ')} said yes`,
  denied: ({ deniedBy }: ApprovalState) => `${deniedBy} said no`,
  expired: () => 'nobody decided in time, which means no',
  withdrawn: () => 'what it was about has ended without it',
} as const;

/** Decided twice, the first decision counts. */
function requireOpen(approval: ApprovalState, clock: Clock): void {
  const { status, expiresAt } = approval;
  const isLate = status === 'open' && Date.parse(expiresAt) <= clock.now();
  if (status === 'open' && !isLate) return;
  const how = HOW[status === 'open' ? 'expired' : status];
  throw nodeError('approval_ended', {
    what: 'This is decided already',
    why: `${how(approval)}${approval.decidedAt === null ? '' : ` at ${approval.decidedAt}`}`,
    hint: 'See `tabbify approvals --all`; to have it decided anew, ask for it anew: deploy again',
  });
}

function changed({ id, difference }: ApprovalState) {
  return nodeError('approval_changed', {
    what: 'What was approved is not what is asked for',
    why: `the decision names another version or another difference than ${difference.slice(0, 12)}…`,
    hint: `Look at it again: \`tabbify approvals show ${id}\``,
  });
}

function nobodyMay({ id }: ApprovalState) {
  return nodeError('not_allowed', {
    what: 'Nobody can say yes to this any more',
    why: 'the office’s policy has come to deny it since it was asked',
    hint: `Deny it: \`tabbify approvals deny ${id}\`; or change the policy`,
  });
}

function saidBefore(standing: readonly string[], persons: number, actor: string) {
  return nodeError('approval_given', {
    what: `${actor} has said yes before`,
    why: `${persons} different persons have to; so far: ${standing.join(', ')}`,
    hint: 'Somebody else with the scope `approve` has to say yes as well',
  });
}

function onceMeansNothing({ kind }: ApprovalState) {
  return nodeError('request_invalid', {
    what: 'This cannot be granted once',
    why: `\`once\` is for one deployment, and this is about a ${kind.replace('_', ' ')}`,
    hint: 'Approve it without `once`',
  });
}
