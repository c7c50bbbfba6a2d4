import { isLoopbackName } from '../../kit/index.ts';

/** `localhost`, a name below it (RFC 6761 §6.3), or an address of this machine alone. @param host without a port, IPv6 without brackets */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return name.endsWith('.localhost') || isLoopbackName(name);
}

/**
 * Is this a `Host` under which the server on this machine may be asked? Another name that leads here is one of a page that wants to read
 * what only this machine may (DNS rebinding).
 */
export function isOwnHost(host: string): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d+)?$/.exec(host) ?? [];
  const name = bracketed ?? plain;
  return name !== undefined && isLoopback(name);
}
