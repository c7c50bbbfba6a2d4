import type { Guest } from '../../guest.ts';
import { WasiFailure } from '../failure.ts';
import { HostResource, RELEASE } from '../host-resource.ts';
import { OutputStream } from '../io/output-stream.ts';
import type { BodyBuffer } from './body-buffer.ts';
import type { Fields } from './fields.ts';

/** `wasi:http/types.outgoing-body`. */
export class OutgoingBody extends HostResource {
  readonly #buffer: BodyBuffer;
  #writing = false;

  constructor(guest: Guest, buffer: BodyBuffer) {
    super(guest);
    this.#buffer = buffer;
  }

  /** Trailers are not sent. @throws WasiFailure with an error code when the length is not the declared one */
  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    trailers?.[RELEASE]();
    body[RELEASE]();
    body.#buffer.finish();
  }

  /** Without `finish`: the body stays what it is, a part. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#buffer.abandon();
  }

  write(): OutputStream {
    if (this.#writing) throw new WasiFailure();
    this.#writing = true;
    return new OutputStream(this.guest, this.#buffer);
  }
}
