import { hostEntryProblem } from '../manifest/host-entry.ts';

export type Scheme = 'http' | 'https';

/**
 * An entry of `http_allow_list`, taken apart (CONTRACTS §4). It stands for these pairs of scheme and port:
 *
 * | entry | pairs |
 * |---|---|
 * | `api.x.com` | https on 443, http on 80 |
 * | `https://api.x.com`, `http://api.x.com` | https on 443; http on 80 |
 * | `api.x.com:8443` | https and http on 8443 |
 * | `https://api.x.com:8443` | https on 8443 |
 */
export interface HostPattern {
  /** Null: either one. */
  readonly scheme: Scheme | null;
  /** In its one spelling, an address of IPv6 without brackets; of a wildcard what follows `*.`. */
  readonly host: string;
  /** One or more labels stand before `host`, which itself is not meant. */
  readonly wildcard: boolean;
  /** Null: the port that the scheme has by itself. */
  readonly port: number | null;
  /** `host` is an address, not a name. */
  readonly literal: boolean;
}

/** An entry `app:<name>`: another app of the office. */
export interface AppPattern {
  readonly app: string;
}

/** What somebody wants to call. */
export interface HostTarget {
  /** Left out where it is not known, as of a tunnel: then it is enough that one of them is allowed on the port. */
  readonly scheme?: Scheme;
  /** In its one spelling (lower case, ASCII, no dot at the end); an address of IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const;
const SCHEMES = ['http', 'https'] as const;
const PLACE = /^(?:(https?):\/\/)?(\*\.)?(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/;
/** Enough for an entry that was checked: a name whose last label is a number is none. */
const IPV4 = /^\d+(\.\d+){3}$/;

/** Takes an entry of `http_allow_list` apart; null when it is none. */
export function parseHostEntry(entry: string): HostPattern | AppPattern | null {
  if (hostEntryProblem(entry) !== null) return null;
  if (entry.startsWith('app:')) return { app: entry.slice('app:'.length) };
  const [, scheme, star, v6, name, port] = PLACE.exec(entry) ?? [];
  const host = v6 ?? name;
  if (host === undefined) return null;
  return {
    scheme: scheme === 'http' || scheme === 'https' ? scheme : null,
    host,
    wildcard: star !== undefined,
    port: port === undefined ? null : Number(port),
    literal: v6 !== undefined || IPV4.test(host),
  };
}

/** May this be called by that entry? An entry `app:<name>` allows no host. */
export function hostEntryAllows(pattern: HostPattern | AppPattern, target: HostTarget): boolean {
  if ('app' in pattern || !hostMatches(pattern, target.host)) return false;
  const schemes = target.scheme === undefined ? SCHEMES : [target.scheme];
  return schemes.some((scheme) => portOf(pattern, scheme) === target.port);
}

/** May everything be called by `granted` that may be called by `requested`? */
export function hostEntryCovers(
  granted: HostPattern | AppPattern,
  requested: HostPattern | AppPattern,
): boolean {
  if ('app' in granted || 'app' in requested) {
    return 'app' in granted && 'app' in requested && granted.app === requested.app;
  }
  const isHostCovered = requested.wildcard
    ? granted.wildcard && (granted.host === requested.host || isBelow(requested.host, granted.host))
    : hostMatches(granted, requested.host);
  return (
    isHostCovered && schemesAndPorts(requested).every(({ scheme, port }) => portOf(granted, scheme) === port)
  );
}

/** The pairs of scheme and port that an entry stands for. */
export function schemesAndPorts(
  pattern: HostPattern,
): readonly { readonly scheme: Scheme; readonly port: number }[] {
  return SCHEMES.flatMap((scheme) => {
    const port = portOf(pattern, scheme);
    return port === null ? [] : [{ scheme, port }];
  });
}

function hostMatches(pattern: HostPattern, host: string): boolean {
  return pattern.wildcard ? isBelow(host, pattern.host) : host === pattern.host;
}

function isBelow(name: string, domain: string): boolean {
  return name.length > domain.length + 1 && name.endsWith(`.${domain}`);
}

/** The one port on which the entry allows a scheme; null: none. */
function portOf(pattern: HostPattern, scheme: Scheme): number | null {
  if (pattern.scheme !== null && pattern.scheme !== scheme) return null;
  return pattern.port ?? DEFAULT_PORTS[scheme];
}
