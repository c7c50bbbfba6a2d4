import type { Guest } from '../../guest.ts';
import { WasiFailure } from '../failure.ts';
import { HostResource, RELEASE, standsFor } from '../host-resource.ts';
import { BodyBuffer } from './body-buffer.ts';
import { type FieldEntry, Fields } from './fields.ts';
import { OutgoingBody } from './outgoing-body.ts';

/** `wasi:http/types.outgoing-response`. */
export class OutgoingResponse extends HostResource {
  readonly #entries: readonly FieldEntry[];
  readonly #buffer: BodyBuffer;
  #status = 200;
  #bodyTaken = false;

  constructor(guest: Guest, headers: Fields) {
    super(guest);
    this.#entries = headers.entries();
    this.#buffer = new BodyBuffer(guest, 'HTTP-response-body-size');
    headers[RELEASE]();
  }

  get head(): { readonly status: number; readonly entries: readonly FieldEntry[] } {
    return { status: this.#status, entries: this.#entries };
  }

  get buffer(): BodyBuffer {
    return this.#buffer;
  }

  /** False: the guest sends no body and will not finish one. */
  get hasBody(): boolean {
    return this.#bodyTaken;
  }

  statusCode(): number {
    return this.#status;
  }

  /** An informational status (1xx) cannot end a request, and 101 would hand the connection to the guest: both refused. */
  setStatusCode(status: number): void {
    if (status < 200 || status > 599) throw new WasiFailure();
    this.#status = status;
  }

  headers(): Fields {
    return Fields.fixed(this.guest, this.#entries);
  }

  body(): OutgoingBody {
    if (this.#bodyTaken) throw new WasiFailure();
    this.#bodyTaken = true;
    return new OutgoingBody(this.guest, this.#buffer);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#buffer.close();
  }
}

/** The class by which one guest makes responses. */
export function outgoingResponseOf(guest: Guest) {
  return class GuestOutgoingResponse {
    static readonly [Symbol.hasInstance] = standsFor(OutgoingResponse);

    constructor(headers: Fields) {
      // biome-ignore lint/correctness/noConstructorReturn: what a guest constructs is an object of the shared class
      return new OutgoingResponse(guest, headers);
    }
  };
}
