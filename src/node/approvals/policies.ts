import { DEFAULT_POLICY, type Policy, parsePolicy } from '../../approvals/index.ts';
import type { OfficeState } from '../../state/index.ts';

/** The policy of an office, by its slug. */
export type PolicyOf = (office: string) => Policy;

/**
 * In the place of a policy that this version cannot read, which another one wrote: two persons for everything, since nobody knows how
 * strict it was.
 */
const UNREADABLE: Policy = { ...DEFAULT_POLICY, persons: 2 };

/** What the log says of each office; a text is read once. */
export function policiesOf(office: Pick<OfficeState, 'policies'>): PolicyOf {
  const read = new Map<string, { readonly text: string; readonly policy: Policy }>();
  return (slug) => {
    const text = office.policies.get(slug);
    if (text === undefined) return DEFAULT_POLICY;
    const known = read.get(slug);
    if (known?.text === text) return known.policy;
    const policy = parsePolicy(text).policy ?? UNREADABLE;
    read.set(slug, { text, policy });
    return policy;
  };
}
