import { isIP } from 'node:net';
import { isLoopbackName } from '../../kit/index.ts';
import { FIRST_OFFICE } from '../credentials/principal.ts';

/** What a `Host` value stands for. */
export type HostRole =
  | { readonly kind: 'office' }
  /** `<slug>[.<office>].<domain>`: an app at the root of its own origin. */
  | { readonly kind: 'app'; readonly slug: string; readonly office: string }
  /** An IP address: the office's own if the connection came in there. */
  | { readonly kind: 'address'; readonly address: string }
  /** Not ours: a misconfigured proxy, or a page that rebinds its DNS name to this machine. */
  | { readonly kind: 'foreign' };

export interface HostNames {
  /** @param host value of the `Host` header, or `host[:port]` of an `Origin` */
  roleOf(host: string): HostRole;
}

const OFFICE: HostRole = { kind: 'office' };
const FOREIGN: HostRole = { kind: 'foreign' };
const MAX_REMEMBERED = 2000;
const HOST = /^(?<name>\[[0-9a-f:.%]+\]|[a-z0-9._-]+?)\.?(?::(?<port>\d{1,5}))?$/;
const LABEL = /^[a-z0-9-]{1,63}$/;

/** Host name of an app: `<slug>.<domain>`, of another office than the first `<slug>.<office>.<domain>`. */
export function appHostName(app: { readonly slug: string; readonly office: string }, domain: string): string {
  return app.office === FIRST_OFFICE ? `${app.slug}.${domain}` : `${app.slug}.${app.office}.${domain}`;
}

/**
 * The allow list of host names (CONTRACTS §7): loopback names with the port we listen on or none, the public URL's
 * host, the domain, and below the domain one label for apps of the first office, two for those of the others. The API
 * of every office is at the domain itself: `<office>.<domain>` is no host of an office, but an app of that name.
 *
 * @param port the port we listen on, asked for late because 0 is chosen by the system
 */
export function createHostNames(options: {
  readonly domain: string;
  readonly publicUrl?: string | undefined;
  readonly port: () => number;
}): HostNames {
  const domain = options.domain.toLowerCase();
  const publicHost = options.publicUrl ? new URL(options.publicUrl).hostname.toLowerCase() : null;
  const remembered = new Map<string, HostRole>();

  function classify(host: string): HostRole {
    const parts = HOST.exec(host.toLowerCase())?.groups;
    if (parts?.name === undefined) return FOREIGN;
    const name = parts.name.startsWith('[') ? parts.name.slice(1, -1) : parts.name;
    if (isLoopbackName(name)) {
      return parts.port === undefined || Number(parts.port) === options.port() ? OFFICE : FOREIGN;
    }
    if (name === publicHost || name === domain) return OFFICE;
    if (isIP(name) !== 0) return { kind: 'address', address: name };
    if (!name.endsWith(`.${domain}`)) return FOREIGN;
    const [slug = '', office, ...more] = name.slice(0, -domain.length - 1).split('.');
    // one origin for each app: the first office is never named
    if (more.length > 0 || office === FIRST_OFFICE) return FOREIGN;
    if (!LABEL.test(slug) || (office !== undefined && !LABEL.test(office))) return FOREIGN;
    return { kind: 'app', slug, office: office ?? FIRST_OFFICE };
  }

  return {
    roleOf(host) {
      const known = remembered.get(host);
      if (known !== undefined) return known;
      const role = classify(host);
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(host, role);
      return role;
    },
  };
}
