import { BlockList, isIP } from 'node:net';

/*
 * From the registries of special-purpose addresses that IANA keeps for RFC 6890, as of 2026: everything that is not
 * "globally reachable", and what leads from the one address space into the other.
 */

const NOT_PUBLIC_V4: readonly [network: string, bits: number][] = [
  ['0.0.0.0', 8], // this network; Linux connects 0.0.0.0 to itself
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared between a provider and its customers; metadata of some clouds
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // a public address by its number, the host's own service in one cloud
  ['169.254.0.0', 16], // link-local; metadata of most clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // IETF protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved; broadcast
];

/** All that is handed out to the public Internet; loopback, private (ULA), link-local, multicast, mapped IPv4 and NAT64 lie outside. */
const GLOBAL_UNICAST_V6: readonly [network: string, bits: number] = ['2000::', 3];

const NOT_PUBLIC_V6: readonly [network: string, bits: number][] = [
  ['2001::', 23], // IETF protocol assignments; Teredo, which holds addresses of IPv4
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which holds addresses of IPv4
  ['3fff::', 20], // documentation
];

const notPublicV4 = blockList('ipv4', NOT_PUBLIC_V4);
const globalV6 = blockList('ipv6', [GLOBAL_UNICAST_V6]);
const notPublicV6 = blockList('ipv6', NOT_PUBLIC_V6);

/**
 * Does this address belong to somebody on the public Internet? Not so: private networks, loopback, link-local, multicast, the
 * metadata services of clouds, and addresses of IPv6 that stand for one of IPv4. What is no address belongs to nobody.
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublicV4.check(address, 'ipv4');
    case 6:
      return !address.includes('%') && globalV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
    default:
      return false;
  }
}

function blockList(type: 'ipv4' | 'ipv6', subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of subnets) list.addSubnet(network, bits, type);
  return list;
}
