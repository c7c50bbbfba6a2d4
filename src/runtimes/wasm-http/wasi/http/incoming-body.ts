import type { Guest } from '../../guest.ts';
import { WasiFailure } from '../failure.ts';
import { HostResource, RELEASE } from '../host-resource.ts';
import { type ByteSource, InputStream } from '../io/input-stream.ts';
import { Pollable } from '../io/pollable.ts';
import { READY } from '../io/waitable.ts';

/** `wasi:http/types.incoming-body`. */
export class IncomingBody extends HostResource {
  readonly #open: () => ByteSource;
  #streamed = false;

  /** @param open called once, when the guest first wants the bytes */
  constructor(guest: Guest, open: () => ByteSource) {
    super(guest);
    this.#open = open;
  }

  static finish(body: IncomingBody): FutureTrailers {
    body[RELEASE]();
    return new FutureTrailers(body.guest);
  }

  stream(): InputStream {
    if (this.#streamed) throw new WasiFailure();
    this.#streamed = true;
    return new InputStream(this.guest, this.#open());
  }
}

/** `wasi:http/types.future-trailers`: trailers are not passed on, so there never are any. */
export class FutureTrailers extends HostResource {
  #taken = false;

  subscribe(): Pollable {
    return new Pollable(this.guest, READY);
  }

  get() {
    if (this.#taken) return { tag: 'err', val: undefined };
    this.#taken = true;
    return { tag: 'ok', val: { tag: 'ok', val: undefined } };
  }
}
