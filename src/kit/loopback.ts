import { isIP } from 'node:net';

/** Names that browsers and resolvers bind to this machine, so that no attacker can point them elsewhere. @param name IPv6 without brackets */
export function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name === '::1' || (name.startsWith('127.') && isIP(name) === 4);
}

/** Address of a peer as a person writes it (RFC 4291 §2.5.5.2: IPv4 in IPv6 is written as IPv4); empty where there is none. */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
