import type { IncomingMessage } from 'node:http';
import type { Guest } from '../../guest.ts';
import { type Variant, WasiFailure } from '../failure.ts';
import { HostResource } from '../host-resource.ts';
import { type FieldEntry, Fields } from './fields.ts';
import { IncomingBody } from './incoming-body.ts';
import { type BodyBounds, MessageBody } from './message-body.ts';
import { methodVariant } from './method.ts';
import { receivedEntries } from './received-entries.ts';

/** A visitor may take the time it likes. */
const BODY: BodyBounds = { cut: { tag: 'connection-terminated' }, betweenBytesMs: null };

/** `wasi:http/types.incoming-request`. */
export class IncomingRequest extends HostResource {
  readonly #message: IncomingMessage;
  #consumed = false;

  constructor(guest: Guest, message: IncomingMessage) {
    super(guest);
    this.#message = message;
  }

  method(): Variant {
    return methodVariant(this.#message.method ?? 'GET');
  }

  pathWithQuery(): string {
    return originForm(this.#message.url ?? '/');
  }

  /** The edge in front overwrites `X-Forwarded-Proto`, so it can be believed. */
  scheme(): Variant {
    return { tag: this.#message.headers['x-forwarded-proto'] === 'https' ? 'HTTPS' : 'HTTP' };
  }

  authority(): string | undefined {
    return this.#message.headers.host;
  }

  headers(): Fields {
    const entries = receivedEntries(this.#message.rawHeaders);
    return Fields.ofRequest(this.guest, entries, () => this.#head(entries));
  }

  /** See `WHOLE_HEAD`: nothing in it can have a line end (RFC 9112 §2.2). */
  #head(entries: readonly FieldEntry[]): Buffer {
    const { method = 'GET' } = this.#message;
    const scheme = this.scheme().tag.toLowerCase();
    const url = `${scheme}://${this.authority() ?? 'localhost'}${this.pathWithQuery()}`;
    const fields = entries.flatMap(([name, value]) => [name, Buffer.from(value).toString('latin1')]);
    return Buffer.from([method, url, ...fields].join('\n'), 'latin1');
  }

  consume(): IncomingBody {
    if (this.#consumed) throw new WasiFailure();
    this.#consumed = true;
    return new IncomingBody(this.guest, () => new MessageBody(this.guest, this.#message, BODY));
  }
}

/** Path and query of a request target, also of the absolute form that proxies are sent (RFC 9112 §3.2.2). */
function originForm(target: string): string {
  if (target.startsWith('/') || target === '*') return target;
  const url = URL.parse(target);
  return url === null ? '/' : url.pathname + url.search;
}
