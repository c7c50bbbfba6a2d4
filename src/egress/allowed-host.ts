import type { Destination } from './channel.ts';
import { canonicalDestination } from './destination.ts';
import type { EgressPolicy } from './policy.ts';
import { isPublicAddress } from './public-address.ts';

/** A place that a channel leads to: this very name or address, and this very port. */
export interface AllowedHost extends Destination {
  /** True: whatever address the name has. Otherwise a private one is refused unless it is allowed by itself. */
  readonly anyAddress?: boolean;
}

/** Allows a fixed list, and whatever is spoken there. Entries that name no place allow nothing. */
export function allowedHosts(list: readonly AllowedHost[]): EgressPolicy {
  const allowed = new Map<string, AllowedHost>();
  for (const entry of list) {
    const to = canonicalDestination(entry);
    if (to !== null) allowed.set(keyOf(to), { ...entry, ...to });
  }
  const find = (to: Destination) => allowed.get(keyOf(to));
  return {
    permit: (to) => (find(to) === undefined ? null : { speaks: null }),
    allowsAddress(to, address) {
      const entry = find(to);
      if (entry === undefined) return false;
      if (entry.anyAddress || isPublicAddress(address)) return true;
      const literal = canonicalDestination({ host: address, port: to.port });
      return literal !== null && find(literal) !== undefined;
    },
    onChange() {}, // it never does
  };
}

function keyOf({ host, port }: Destination): string {
  return `${host} ${port}`;
}
