import { BlockList, isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Of the addresses of a name: those to connect to, or the one that the name is refused for. */
export type CheckedAddresses = { readonly usable: readonly string[] } | { readonly refused: string };

/**
 * Checks all addresses that a name has at this moment. One that is not allowed has the name refused as a whole: an answer that
 * leads outward and inward at once is what rebinding looks like, and never what somebody had in mind who granted the
 * name. Addresses in which DNS64 has wrapped a public one of IPv4 (RFC 6147) are no answer of the name's owner: they are left out.
 */
export function checkedAddresses(
  addresses: readonly string[],
  isAllowed: (address: string) => boolean,
): CheckedAddresses {
  const answered = addresses.filter((address) => isAllowed(address) || !isWrappedPublic(address));
  const refused = answered.find((address) => !isAllowed(address));
  if (refused !== undefined) return { refused };
  const [wrapped] = addresses;
  return answered.length === 0 && wrapped !== undefined ? { refused: wrapped } : { usable: answered };
}

/** The prefix of every DNS64 that has none of its own (RFC 6052 §2.1). */
const wellKnown = new BlockList();
wellKnown.addSubnet('64:ff9b::', 96, 'ipv6');

function isWrappedPublic(address: string): boolean {
  if (isIP(address) !== 6 || address.includes('%') || !wellKnown.check(address, 'ipv6')) return false;
  const [, high = '', low = ''] = /^\[64:ff9b::(?:([0-9a-f]+):)?([0-9a-f]+)?\]$/.exec(
    new URL(`http://[${address}]`).hostname,
  ) ?? ['', '', ''];
  const bits = (Number.parseInt(high || '0', 16) * 0x1_0000 + Number.parseInt(low || '0', 16)) >>> 0;
  return isPublicAddress([24, 16, 8, 0].map((shift) => (bits >>> shift) & 0xff).join('.'));
}
