import { type HostPattern, hostEntryAllows, parseHostEntry } from '../app/index.ts';
import type { Destination } from './channel.ts';
import { canonicalDestination } from './destination.ts';
import type { EgressPolicy, Spoken } from './policy.ts';
import { isPublicAddress } from './public-address.ts';

/** A policy that is changed while channels live by it. */
export interface GrantedHosts extends EgressPolicy {
  /**
   * From now on these entries of `http_allow_list` are allowed, and no others. What is none allows nothing, and so does
   * `app:<name>`, which names no host.
   */
  set(entries: readonly string[]): void;
}

/** Where an entry that names no scheme means the one that belongs there. */
const SPOKEN_AT: Readonly<Record<number, Spoken>> = { 443: 'tls', 80: 'http' };

/** Allows what an app was granted; nothing, before it is told. */
export function grantedHosts(entries: readonly string[] = []): GrantedHosts {
  const listeners: (() => void)[] = [];
  let patterns = hostPatterns(entries);
  const permit = (to: Destination) => {
    const speaks = new Set(patterns.flatMap((pattern) => spokenBy(pattern, to)));
    return speaks.size === 0 ? null : { speaks };
  };
  return {
    permit,
    allowsAddress(to, address) {
      if (permit(to) === null) return false;
      if (isPublicAddress(address)) return true;
      const literal = canonicalDestination({ host: address, port: to.port });
      return literal !== null && patterns.some((each) => each.literal && spokenBy(each, literal).length > 0);
    },
    onChange: (changed) => void listeners.push(changed),
    set(changed) {
      patterns = hostPatterns(changed);
      for (const listener of listeners) listener();
    },
  };
}

function hostPatterns(entries: readonly string[]): readonly HostPattern[] {
  return entries.flatMap((entry) => {
    const pattern = parseHostEntry(entry);
    return pattern === null || 'app' in pattern ? [] : [pattern];
  });
}

/** What may be spoken with that place by this entry. */
function spokenBy(pattern: HostPattern, { host, port }: Destination): readonly Spoken[] {
  if (!hostEntryAllows(pattern, { host, port })) return [];
  if (pattern.scheme !== null) return [pattern.scheme === 'https' ? 'tls' : 'http'];
  return [SPOKEN_AT[port] ?? 'any'];
}
