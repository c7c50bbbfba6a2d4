import type { Guest } from '../../guest.ts';
import { type Variant, WasiFailure } from '../failure.ts';
import { HostResource, RELEASE, standsFor } from '../host-resource.ts';
import { BodyBuffer } from './body-buffer.ts';
import { type FieldEntry, Fields } from './fields.ts';
import { checkedMethod } from './method.ts';
import { OutgoingBody } from './outgoing-body.ts';

/** RFC 3986 host with an optional port; no user information. */
const AUTHORITY = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(:\d{1,5})?$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
/** Path and query of RFC 3986: no spaces, controls or fragment. */
const PATH = /^[^\s#\p{Cc}]*$/u;

/** `wasi:http/types.outgoing-request`. */
export class OutgoingRequest extends HostResource {
  readonly #entries: readonly FieldEntry[];
  readonly #buffer: BodyBuffer;
  #method: Variant = { tag: 'get' };
  #path: string | undefined;
  #scheme: Variant | undefined;
  #authority: string | undefined;
  #bodyTaken = false;

  constructor(guest: Guest, headers: Fields) {
    super(guest);
    this.#entries = headers.entries();
    this.#buffer = new BodyBuffer(guest, 'HTTP-request-body-size');
    headers[RELEASE]();
  }

  get buffer(): BodyBuffer {
    return this.#buffer;
  }

  get entries(): readonly FieldEntry[] {
    return this.#entries;
  }

  /** False: the guest sends no body and will not finish one. */
  get hasBody(): boolean {
    return this.#bodyTaken;
  }

  body(): OutgoingBody {
    if (this.#bodyTaken) throw new WasiFailure();
    this.#bodyTaken = true;
    return new OutgoingBody(this.guest, this.#buffer);
  }

  method(): Variant {
    return this.#method;
  }

  setMethod(method: Variant): void {
    this.#method = checkedMethod(method);
  }

  pathWithQuery(): string | undefined {
    return this.#path;
  }

  setPathWithQuery(path: string | undefined): void {
    this.#path = matching(PATH, path);
  }

  scheme(): Variant | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Variant | undefined): void {
    if (scheme?.tag === 'other') matching(SCHEME, String(scheme.val));
    this.#scheme = scheme;
  }

  authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): void {
    this.#authority = matching(AUTHORITY, authority);
  }

  headers(): Fields {
    return Fields.fixed(this.guest, this.#entries);
  }
}

/** The class by which one guest makes requests. */
export function outgoingRequestOf(guest: Guest) {
  return class GuestOutgoingRequest {
    static readonly [Symbol.hasInstance] = standsFor(OutgoingRequest);

    constructor(headers: Fields) {
      // biome-ignore lint/correctness/noConstructorReturn: what a guest constructs is an object of the shared class
      return new OutgoingRequest(guest, headers);
    }
  };
}

function matching(pattern: RegExp, text: string | undefined): string | undefined {
  if (text !== undefined && !pattern.test(text)) throw new WasiFailure();
  return text;
}
