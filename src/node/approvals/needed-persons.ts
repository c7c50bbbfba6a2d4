import { decide, type Policy } from '../../approvals/index.ts';
import type { ApprovalState, OfficeState } from '../../state/index.ts';
import { byAgent } from './by-agent.ts';
import type { PolicyOf } from './policies.ts';

/**
 * How many have to say yes: as many as when it was asked, or as the policy wants by now where that is more. Nobody is let past a policy
 * by having asked before it.
 *
 * @returns null: the policy lets nobody say yes any more
 */
export function neededPersons(
  office: OfficeState,
  approval: ApprovalState,
  policyOf: PolicyOf,
): number | null {
  const { kind, added, widened, removed, requestedBy, persons } = approval;
  const policy = policyOf(approval.office);
  if (kind === 'policy') return Math.max(persons, personsForPolicy(policy));
  if (kind === 'life_cycle') return Math.max(persons, policy.persons);
  const now = decide(policy, {
    app: office.apps.get(approval.app ?? '')?.slug ?? '',
    actorKind: byAgent(requestedBy) ? 'agent' : 'person',
    difference: { added, widened, removed, kept: [] },
    canApprove: false,
  });
  return now.verdict === 'refused' ? null : Math.max(persons, now.persons);
}

/** How many have to say yes to another policy: as many as this one wants for anything. */
export function personsForPolicy({ rules, persons }: Policy): number {
  return Math.max(persons, ...rules.map((rule) => rule.persons ?? 1));
}
