import { capabilitySet } from '../app/index.ts';

/**
 * What a version asks for, seen from what its app was granted (CONTRACTS §4a). Every capability that is asked for stands in exactly
 * one of `added`, `widened` and `kept`; each list is in code unit order.
 */
export interface CapabilityDifference {
  /** Shown as new: nothing of it was granted, or something that only overlaps with it. */
  readonly added: readonly string[];
  /** Shown as wider than before, with what it takes in: `api.x.com` has become `*.x.com`. */
  readonly widened: readonly WidenedCapability[];
  /** Granted, and no longer asked for to its whole extent; shown as given back. */
  readonly removed: readonly string[];
  /** Asked for and granted already; shown last, as what stays. */
  readonly kept: readonly string[];
}

export interface WidenedCapability {
  /** All that was granted and lies within `to`; at least one. */
  readonly from: readonly string[];
  readonly to: string;
}

/**
 * Compares a request with a grant, line by line:
 *
 * - kept: a granted one covers it
 * - widened: none does, and it covers at least one that was granted
 * - added: every other one. So is what several granted ones allow only together: a person is asked once too often, never too seldom
 * - removed: a granted one that no requested one covers. From `*.x.com` to `api.x.com`, the first is removed and the second kept
 *
 * @param granted what the app may do now, in any order
 * @param requested what the version asks for, in any order
 */
export function capabilityDifference(
  granted: readonly string[],
  requested: readonly string[],
): CapabilityDifference {
  const grants = inOrder(granted);
  const requests = inOrder(requested);
  const [held, wanted] = [capabilitySet(grants), capabilitySet(requests)];
  const [kept, news] = [requests.filter(held.covers), requests.filter((request) => !held.covers(request))];
  const found = news.map((to) => ({ from: held.within(to), to }));
  return {
    added: found.filter(({ from }) => from.length === 0).map(({ to }) => to),
    widened: found.filter(({ from }) => from.length > 0),
    removed: grants.filter((grant) => !wanted.covers(grant)),
    kept,
  };
}

/** Is nothing asked for that was not granted? What is given back needs nobody's yes. */
export function isWithinGrant({ added, widened }: CapabilityDifference): boolean {
  return added.length === 0 && widened.length === 0;
}

/** All that needs a yes: what is added, and what is widened in its new form. */
export function newCapabilities({ added, widened }: CapabilityDifference): readonly string[] {
  return inOrder([...added, ...widened.map(({ to }) => to)]);
}

function inOrder(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)].sort();
}
