import type { Guest } from '../../guest.ts';
import type { Variant } from '../failure.ts';
import { HostResource, RELEASE } from '../host-resource.ts';
import type { OutgoingResponse } from './outgoing-response.ts';

/** Who sends what the guest answered. */
export interface ResponseTaker {
  respond(response: OutgoingResponse): void;
  /** The guest answered with a `wasi:http` error code. */
  respondError(code: Variant): void;
}

/** WIT `result`, as the glue passes it in. */
type Result<Ok, Err> = { readonly tag: 'ok'; readonly val: Ok } | { readonly tag: 'err'; readonly val: Err };

/** `wasi:http/types.response-outparam`; the glue gives it to `set` once at most. */
export class ResponseOutparam extends HostResource {
  readonly #taker: ResponseTaker;

  constructor(guest: Guest, taker: ResponseTaker) {
    super(guest);
    this.#taker = taker;
  }

  static set(param: ResponseOutparam, result: Result<OutgoingResponse, Variant>): void {
    param[RELEASE]();
    if (result.tag === 'err') {
      param.#taker.respondError(result.val);
      return;
    }
    result.val[RELEASE]();
    param.#taker.respond(result.val);
  }
}
