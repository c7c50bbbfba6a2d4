import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Is an address one of this machine, or of its neighbours at home? */
export type OwnNetwork = (address: string) => boolean;

/** Milliseconds for which the machine's interfaces are remembered: to ask for them costs as much as a connection. */
const REMEMBERED_MS = 5_000;
/** Bits of the prefix of one network of IPv6; a shorter one is a tunnel to the network of many. */
const SHORTEST_LINK = 48;

/**
 * A public address of this machine leads behind its own firewall, and one of IPv6 in its own network behind that of the house: who is there is mostly
 * reached by nobody outside. Networks of public addresses of IPv4 are shared with strangers, and count by the address alone.
 *
 * @param read addresses of the machine's interfaces, each with the length of its prefix: `192.0.2.7/24`
 * @param now milliseconds, from any beginning
 */
export function ownNetwork(
  read: () => readonly string[] = addressesOfInterfaces,
  now: () => number = () => performance.now(),
): OwnNetwork {
  let own = new BlockList();
  let readAt = Number.NEGATIVE_INFINITY;
  return (address) => {
    if (now() - readAt >= REMEMBERED_MS) {
      readAt = now();
      own = networkOf(read());
    }
    const family = isIP(address);
    return family !== 0 && own.check(address, family === 4 ? 'ipv4' : 'ipv6');
  };
}

function networkOf(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const each of addresses) {
    const [address = '', prefix] = each.split('/');
    const bits = Number(prefix);
    if (isIP(address) === 4) list.addAddress(address, 'ipv4');
    else if (isIP(address) === 6) list.addSubnet(address, bits >= SHORTEST_LINK ? bits : 128, 'ipv6');
  }
  return list;
}

/** None where the system does not tell: what is public by its number then counts as public. */
function addressesOfInterfaces(): readonly string[] {
  try {
    return Object.values(networkInterfaces()).flatMap((all = []) => all.flatMap(({ cidr }) => cidr ?? []));
  } catch {
    return [];
  }
}
