import type { Guest } from '../../guest.ts';
import { WasiFailure } from '../failure.ts';
import { HostResource } from '../host-resource.ts';
import { type ByteSource, InputStream } from '../io/input-stream.ts';
import { Pollable } from '../io/pollable.ts';
import { READY } from '../io/waitable.ts';

/** `wasi:http/types.incoming-body`. */
export class IncomingBody extends HostResource {
  readonly #open: () => ByteSource;
  readonly #onDone: () => void;
  #streamed = false;

  /**
   * @param open called once, when the guest first wants the bytes
   * @param onDone called when the guest wants no more of them
   */
  constructor(guest: Guest, open: () => ByteSource, onDone: () => void = () => {}) {
    super(guest);
    this.#open = open;
    this.#onDone = onDone;
  }

  static finish(body: IncomingBody): FutureTrailers {
    body[Symbol.dispose]();
    return new FutureTrailers(body.guest);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#onDone();
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
