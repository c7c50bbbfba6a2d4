import type { Guest } from '../../guest.ts';
import type { Variant } from '../failure.ts';
import { RELEASE } from '../host-resource.ts';
import { FutureIncomingResponse } from './incoming-response.ts';
import { messageHead } from './message-head.ts';
import type { OutgoingConnections } from './outgoing-connections.ts';
import { OutgoingExchange, type OutgoingTimeouts } from './outgoing-exchange.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { outgoingTarget } from './outgoing-target.ts';
import type { RequestOptions } from './request-options.ts';

/** For a guest that names none. */
const DEFAULT_TIMEOUTS: OutgoingTimeouts = {
  connectMs: 30_000,
  firstByteMs: 600_000,
  betweenBytesMs: 600_000,
};
const NANOSECONDS_PER_MS = 1_000_000n;
/** Longest delay a Node timer knows. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const NO_LENGTH: Variant = { tag: 'HTTP-request-body-size', val: undefined };

/** `wasi:http/outgoing-handler`: requests go through the app's channel; what it denies is `HTTP-request-denied`. */
export function outgoingHandlerOf(guest: Guest, connections: OutgoingConnections) {
  return {
    handle(request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse {
      request[RELEASE]();
      options?.[RELEASE]();
      const { buffer: body, hasBody, entries } = request;
      const target = outgoingTarget(request);
      const head = messageHead(entries);
      if ('error' in target || head === null) {
        body.close();
        return new FutureIncomingResponse(guest, 'error' in target ? target.error : NO_LENGTH);
      }
      const timeouts = timeoutsOf(options);
      const exchange = new OutgoingExchange(guest, connections, { target, head, body, hasBody, timeouts });
      return new FutureIncomingResponse(guest, exchange);
    },
  };
}

function timeoutsOf(options: RequestOptions | undefined): OutgoingTimeouts {
  const { connectMs, firstByteMs, betweenBytesMs } = DEFAULT_TIMEOUTS;
  return {
    connectMs: msOf(options?.connectTimeout(), connectMs),
    firstByteMs: msOf(options?.firstByteTimeout(), firstByteMs),
    betweenBytesMs: msOf(options?.betweenBytesTimeout(), betweenBytesMs),
  };
}

function msOf(nanoseconds: bigint | undefined, otherwise: number): number {
  if (nanoseconds === undefined) return otherwise;
  return Math.min(Number(nanoseconds / NANOSECONDS_PER_MS), MAX_TIMER_MS);
}
