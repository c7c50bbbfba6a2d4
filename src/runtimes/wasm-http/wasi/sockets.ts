import type { Guest } from '../guest.ts';
import { WasiFailure } from './failure.ts';
import { HostResource } from './host-resource.ts';

/** `wasi:sockets/network.network`: a handle without any right. */
class Network extends HostResource {}

/**
 * The interfaces of `wasi:sockets` by name: no socket is made and no name is looked up. The guest sees the error
 * `access-denied`, as a program on a locked-down machine would.
 *
 * @param onDenied told what was asked for
 */
export function sockets(guest: Guest, onDenied: (what: string) => void): Readonly<Record<string, object>> {
  const denied = (what: string) => () => {
    onDenied(what);
    throw new WasiFailure('access-denied');
  };
  return {
    'wasi:sockets/network': { Network, networkErrorCode: () => undefined },
    'wasi:sockets/instance-network': { instanceNetwork: () => new Network(guest) },
    'wasi:sockets/tcp-create-socket': { createTcpSocket: denied('a TCP socket') },
    'wasi:sockets/udp-create-socket': { createUdpSocket: denied('a UDP socket') },
    'wasi:sockets/ip-name-lookup': { resolveAddresses: denied('a name lookup') },
  };
}
