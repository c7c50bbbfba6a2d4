import type { Guest } from '../../guest.ts';
import type { Variant } from '../failure.ts';
import { HostResource, RELEASE } from '../host-resource.ts';
import { Pollable } from '../io/pollable.ts';
import { READY } from '../io/waitable.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import type { RequestOptions } from './request-options.ts';

const DENIED: Variant = { tag: 'HTTP-request-denied' };
const DEFAULT_PORTS = [':80', ':443'];

/** `wasi:http/types.future-incoming-response` of a request that was not sent. */
export class FutureIncomingResponse extends HostResource {
  readonly #error: Variant;
  #taken = false;

  constructor(guest: Guest, error: Variant) {
    super(guest);
    this.#error = error;
  }

  subscribe(): Pollable {
    return new Pollable(this.guest, READY);
  }

  get() {
    if (this.#taken) return { tag: 'err', val: undefined };
    this.#taken = true;
    return { tag: 'ok', val: { tag: 'err', val: this.#error } };
  }
}

/** Never made: no request leaves, so none is answered. */
export class IncomingResponse extends HostResource {}

/**
 * `wasi:http/outgoing-handler`: every request is denied, since nothing grants one yet.
 *
 * @param onDenied told the allow-list entry that the request would need
 */
export function outgoingHandlerOf(guest: Guest, onDenied: (entry: string) => void) {
  return {
    handle(request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse {
      request[RELEASE]();
      options?.[RELEASE]();
      request.buffer.close();
      onDenied(allowListEntry(request.authority()));
      return new FutureIncomingResponse(guest, DENIED);
    },
  };
}

/** The entry of `http_allow_list` that stands for an authority: default ports are left out (CONTRACTS §4). */
function allowListEntry(authority: string | undefined): string {
  const entry = (authority ?? '').toLowerCase();
  const port = DEFAULT_PORTS.find((known) => entry.endsWith(known));
  return port === undefined ? entry : entry.slice(0, -port.length);
}
