import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Destination } from './channel.ts';

/** The ports that a scheme has by itself. */
const PORT_OF = { https: 443, http: 80 } as const;
/** Characters of a name (RFC 1035 §2.3.4, as text). */
const MAX_NAME_LENGTH = 253;
/** What a host may not hold whatever a parser of URLs makes of it: it would stand for another host. */
const NO_HOST = /[\s/\\@:?#[\]%\p{Cc}]/u;
const NAME = /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/;

/**
 * The one spelling of a name or address: lower case, without trailing dot, IDNA as ASCII; addresses as the URL standard writes
 * them, whatever their notation (`0x7f.1` is 127.0.0.1).
 *
 * @param host one of IPv6 without brackets
 * @returns null: no place has such a name
 */
export function canonicalHost(host: string): string | null {
  if (host.includes(':')) {
    if (isIP(host) !== 6 || host.includes('%')) return null; // a zone names an interface of this machine
    return new URL(`http://[${host}]`).hostname.slice(1, -1);
  }
  if (host === '' || host.length > 4 * MAX_NAME_LENGTH || NO_HOST.test(host)) return null;
  const ascii = domainToASCII(host.endsWith('.') ? host.slice(0, -1) : host);
  return ascii.length <= MAX_NAME_LENGTH && NAME.test(ascii) ? ascii : null;
}

/** The one spelling of a place; null: there is no such place. */
export function canonicalDestination({ host, port }: Destination): Destination | null {
  const canonical = canonicalHost(host);
  return canonical !== null && Number.isInteger(port) && port >= 1 && port <= 65_535
    ? { host: canonical, port }
    : null;
}

/** As in a URL: `host:port`, an address of IPv6 in brackets. */
export function authorityOf({ host, port }: Destination): string {
  return `${bracketed(host)}:${port}`;
}

/**
 * The shortest entry of `http_allow_list` that allows a place (CONTRACTS §4). A name alone stands for HTTPS, with the redirect from
 * HTTP that mostly goes with it; an address always has its port.
 */
export function allowListEntry({ host, port }: Destination): string {
  if (isIP(host) !== 0) return authorityOf({ host, port });
  if (port === PORT_OF.https) return host;
  return port === PORT_OF.http ? `http://${host}` : authorityOf({ host, port });
}

/** The entry that allows this scheme at a place, and no other. */
export function urlEntry(scheme: keyof typeof PORT_OF, { host, port }: Destination): string {
  const isPlain = isIP(host) === 0 && port === PORT_OF[scheme];
  return `${scheme}://${isPlain ? host : authorityOf({ host, port })}`;
}

/** Takes `host:port` apart, both given; null when it is nothing of the kind. */
export function parseAuthority(text: string): Destination | null {
  const [, v6, name, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = v6 ?? name;
  return host === undefined ? null : { host, port: Number(port) };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
