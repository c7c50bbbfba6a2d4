import { type HostPattern, hostEntryAllows, parseHostEntry } from '../app/index.ts';
import type { CalledApp } from './app-calls.ts';
import type { Destination } from './channel.ts';
import { canonicalDestination } from './destination.ts';
import { type OwnNetwork, ownNetwork } from './own-network.ts';
import { appNameOf, PLATFORM_PORT } from './platform-host.ts';
import type { EgressPolicy, Permit, Spoken } from './policy.ts';
import { isPublicAddress } from './public-address.ts';

/** A policy that is changed while channels live by it. */
export interface GrantedHosts extends EgressPolicy {
  /**
   * From now on these entries of `http_allow_list` are allowed, and no others. What is none allows nothing, and so does
   * `app:<name>`, which names no host: that is in `apps`.
   *
   * @param apps that may be called, under the name by which the app calls them
   */
  set(entries: readonly string[], apps?: readonly CalledApp[]): void;
}

/** Where an entry that names no scheme means the one that belongs there. */
const SPOKEN_AT: Readonly<Record<number, Spoken>> = { 443: 'tls', 80: 'http' };

const ofThisMachine = ownNetwork();

/**
 * Allows what an app was granted; nothing, before it is told.
 *
 * @param isOwn an address that is reached only where it is granted by itself, also when it is a public one
 */
export function grantedHosts(
  entries: readonly string[] = [],
  called: readonly CalledApp[] = [],
  isOwn: OwnNetwork = ofThisMachine,
): GrantedHosts {
  const listeners: (() => void)[] = [];
  let patterns = hostPatterns(entries);
  let apps = byName(called);
  const permit = (to: Destination): Permit | null => {
    const name = appNameOf(to);
    if (name !== null) {
      const app = to.port === PLATFORM_PORT ? apps.get(name) : undefined;
      return app === undefined ? null : { speaks: null, app };
    }
    const speaks = new Set(patterns.flatMap((pattern) => spokenBy(pattern, to)));
    return speaks.size === 0 ? null : { speaks };
  };
  return {
    permit,
    allowsAddress(to, address) {
      const permitted = permit(to);
      if (permitted === null) return false;
      if (permitted.app !== undefined || (isPublicAddress(address) && !isOwn(address))) return true;
      const literal = canonicalDestination({ host: address, port: to.port });
      return literal !== null && patterns.some((each) => each.literal && spokenBy(each, literal).length > 0);
    },
    onChange: (changed) => void listeners.push(changed),
    set(changed, called = []) {
      patterns = hostPatterns(changed);
      apps = byName(called);
      for (const listener of listeners) listener();
    },
  };
}

function byName(apps: readonly CalledApp[]): ReadonlyMap<string, string> {
  return new Map(apps.map(({ name, id }) => [name, id]));
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
