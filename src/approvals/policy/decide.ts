import { type CapabilityDifference, isWithinGrant, newCapabilities } from '../capability-difference.ts';
import type { Policy, PolicyRule } from './policy.ts';
import { type ReadMatch, readCapability, readMatch, ruleMatch } from './rule-match.ts';

/** What somebody is about to do, as the policy sees it. */
export interface PolicyQuestion {
  /** Name of the app, as in its address. */
  readonly app: string;
  readonly actorKind: 'agent' | 'person';
  /** Against what is granted now. */
  readonly difference: CapabilityDifference;
  /** The person who asks has seen the difference, says yes, and may. Of an agent it does not count. */
  readonly canApprove: boolean;
}

export interface PolicyDecision {
  readonly verdict: 'granted' | 'ask' | 'refused';
  /** How many must say yes in all, the one who asks included; 0 where nobody has to or nobody can. */
  readonly persons: number;
  /** Milliseconds from the question until it is denied. */
  readonly expiresMs: number;
  /** The rule that made it so strict; null: none did. */
  readonly rule: PolicyRule | null;
  /** What that rule is about. */
  readonly capability: string | null;
}

/**
 * What happens to a difference under a policy:
 *
 * - nothing is new: a person's is granted; an agent's only by `auto_approve = ["same-bundle"]`, else it is asked
 * - something is new: the strictest of what is demanded for each capability. A rule that denies refuses; else that many persons are
 *   asked, and the yes of a person who asks is one of them
 *
 * What was granted before is not looked at again: it is taken back by revoking it.
 */
export function decide(policy: Policy, question: PolicyQuestion): PolicyDecision {
  const { app, actorKind, difference, canApprove } = question;
  const { expiresMs } = policy;
  const isPerson = actorKind === 'person';
  if (isWithinGrant(difference) && (isPerson || policy.autoApproveSameBundle)) {
    return { verdict: 'granted', persons: 0, expiresMs, rule: null, capability: null };
  }
  const rules = policy.rules
    .filter(({ apps }) => apps === null || apps.includes(app))
    .map((rule) => ({ rule, read: readMatch(rule.match) }));
  const demands = newCapabilities(difference).flatMap((capability) =>
    demandsOf(policy, rules, capability).map((demand) => ({ ...demand, capability })),
  );
  const start = { persons: isWithinGrant(difference) ? policy.persons : 1, rule: null, capability: null };
  const { persons, rule, capability } = demands.reduce<Demand>(stricter, start);
  const blame = { expiresMs, rule, capability: rule && capability };
  if (persons === null) return { verdict: 'refused', persons: 0, ...blame };
  const isEnough = isPerson && canApprove && persons <= 1;
  return { verdict: isEnough ? 'granted' : 'ask', persons, ...blame };
}

interface Demand {
  /** Null: nobody can say yes. */
  readonly persons: number | null;
  readonly rule: PolicyRule | null;
  readonly capability: string | null;
}

function stricter(one: Demand, other: Demand): Demand {
  const weight = ({ persons }: Demand) => persons ?? Number.POSITIVE_INFINITY;
  return weight(other) > weight(one) ? other : one;
}

/**
 * What is demanded for the parts of a capability: by each rule that is about a part of it, as far as the first that is about all of it; where
 * there is none of these, by the policy.
 */
function demandsOf(
  policy: Policy,
  rules: readonly { readonly rule: PolicyRule; readonly read: ReadMatch }[],
  capability: string,
): readonly Omit<Demand, 'capability'>[] {
  const demands: Omit<Demand, 'capability'>[] = [];
  const asked = readCapability(capability);
  for (const { rule, read } of rules) {
    const match = ruleMatch(read, asked);
    if (match !== 'none') demands.push({ persons: rule.persons, rule });
    if (match === 'whole') return demands;
  }
  return [...demands, { persons: policy.persons, rule: null }];
}
