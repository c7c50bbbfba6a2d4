import type { IncomingMessage } from 'node:http';
import { isLoopbackName, plainAddress } from '../../kit/index.ts';
import { appHostName } from './host-names.ts';

/** The office's place in the world, as far as links and forwarding headers need it. */
export interface Place {
  readonly domain: string;
  /** Where visitors from outside find the office, TLS included; null: plain HTTP only. */
  readonly publicUrl: URL | null;
}

/** Did the connection come in at this very address? Then a browser was pointed at it by number, not by a rebound name. */
export function arrivedAt(request: IncomingMessage, address: string): boolean {
  return plainAddress(request.socket.localAddress) === plainAddress(address);
}

/** `https` when visitors reach the office through the public URL's TLS, else `http`. */
export function schemeFor(place: Place, host: string): 'http' | 'https' {
  if (place.publicUrl?.protocol !== 'https:') return 'http';
  return isLoopbackName(nameOf(host)) || nameOf(host).endsWith('.localhost') ? 'http' : 'https';
}

/** The origin at which a browser asked for this host. */
export function originOf(place: Place, host: string): string {
  return `${schemeFor(place, host)}://${host.toLowerCase()}`;
}

/**
 * The origin of the office for a browser that asked for this host, an app's or the office's own: where people sign in.
 *
 * @param host `Host` of the request
 */
export function officeOrigin(place: Place, host: string): string {
  const { domain, publicUrl } = place;
  if (domain !== 'localhost') return publicUrl?.origin ?? `http://${domain}${portOf(host)}`;
  const name = nameOf(host);
  if (isLoopbackName(name) || name.endsWith('.localhost')) return `http://localhost${portOf(host)}`;
  return originOf(place, host);
}

/**
 * Does a browser keep a `Secure` cookie that comes from this host? Over plain HTTP only from the machine itself (W3C
 * Secure Contexts, "potentially trustworthy").
 */
export function keepsSecureCookies(place: Place, host: string): boolean {
  const name = nameOf(host);
  return schemeFor(place, host) === 'https' || isLoopbackName(name) || name.endsWith('.localhost');
}

/**
 * The same target on the app's own host, for a browser that opened the path mount.
 *
 * @param host `Host` of the request: the domain `localhost` resolves only for who came by a loopback name
 * @returns null when the browser could not resolve it
 */
export function hostMountUrl(
  place: Place,
  host: string,
  app: { readonly slug: string; readonly office: string },
  target: string,
): string | null {
  const name = nameOf(host);
  const appHost = appHostName(app, place.domain);
  if (place.domain === 'localhost') {
    if (!isLoopbackName(name)) return null;
    return `http://${appHost}${portOf(host)}${target}`;
  }
  const port = place.publicUrl === null ? portOf(host) : portText(place.publicUrl.port);
  const scheme = place.publicUrl?.protocol ?? 'http:';
  return `${scheme}//${appHost}${port}${target}`;
}

function nameOf(host: string): string {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name.startsWith('[') ? name.slice(1, -1) : name;
}

function portOf(host: string): string {
  return portText(/:(\d+)$/.exec(host)?.[1] ?? '');
}

function portText(port: string): string {
  return port === '' ? '' : `:${port}`;
}
