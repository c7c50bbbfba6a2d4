import type { Destination } from './channel.ts';
import { canonicalDestination } from './destination.ts';
import { isPublicAddress } from './public-address.ts';

/** A place that a channel leads to: this very name or address, and this very port. */
export interface AllowedHost extends Destination {
  /** True: whatever address the name has. Otherwise a private one is refused unless it is allowed by itself. */
  readonly anyAddress?: boolean;
}

/** What a channel lets through. */
export interface AllowedHosts {
  /** @param to in its one spelling */
  allows(to: Destination): boolean;
  /** May the channel connect to an address that the name of an allowed place has? */
  allowsAddress(to: Destination, address: string): boolean;
}

/** Decides by a fixed list. Entries that name no place allow nothing. */
export function allowedHosts(list: readonly AllowedHost[]): AllowedHosts {
  const allowed = new Map<string, AllowedHost>();
  for (const entry of list) {
    const to = canonicalDestination(entry);
    if (to !== null) allowed.set(keyOf(to), { ...entry, ...to });
  }
  const find = (to: Destination) => allowed.get(keyOf(to));
  return {
    allows: (to) => find(to) !== undefined,
    allowsAddress(to, address) {
      const entry = find(to);
      if (entry === undefined) return false;
      if (entry.anyAddress || isPublicAddress(address)) return true;
      const literal = canonicalDestination({ host: address, port: to.port });
      return literal !== null && find(literal) !== undefined;
    },
  };
}

function keyOf({ host, port }: Destination): string {
  return `${host} ${port}`;
}
