import { Agent } from 'node:http';
import type { Socket } from 'node:net';

/** Connections to one guest at once: its descriptors are bounded, and it needs some for itself. */
export const MAX_CONNECTIONS = 3_000;
/** Connections that are kept for later; what a burst has opened beyond is closed. */
const MAX_KEPT = 256;

/**
 * Connections to a guest. Nothing is asked of the sockets between two requests: TCP's keep-alive, which node's own agent would set each
 * time, means nothing on a unix socket, and a guest's hints about time-outs are not followed.
 */
class GuestAgent extends Agent {
  override keepSocketAlive(_socket: Socket): boolean {
    return true;
  }
}

/** @returns to be destroyed when the guest has gone */
export function guestAgent(): Agent {
  return new GuestAgent({ keepAlive: true, maxFreeSockets: MAX_KEPT, scheduling: 'lifo' });
}
