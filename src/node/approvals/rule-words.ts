import { shownText } from '../../app/index.ts';
import type { PolicyDecision } from '../../approvals/index.ts';

/** What made the policy ask or refuse, for a person; empty: no rule did. */
export function ruleWords({ rule, capability }: PolicyDecision): string[] {
  if (rule === null) return [];
  return [
    `rule ${rule.number} of the office’s policy, \`match = ${JSON.stringify(rule.match)}\`, is about ${shownText(capability ?? '')}`,
  ];
}
