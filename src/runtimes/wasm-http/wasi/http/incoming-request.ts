import type { IncomingMessage } from 'node:http';
import type { Guest } from '../../guest.ts';
import { type Variant, WasiFailure } from '../failure.ts';
import { HostResource } from '../host-resource.ts';
import { ownBytes } from '../io/own-bytes.ts';
import { isForbidden } from './field-rules.ts';
import { type FieldEntry, Fields } from './fields.ts';
import { IncomingBody } from './incoming-body.ts';
import { methodVariant } from './method.ts';
import { requestBody } from './request-body.ts';

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

  pathWithQuery(): string | undefined {
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
    return Fields.fixed(this.guest, receivedEntries(this.#message.rawHeaders));
  }

  consume(): IncomingBody {
    if (this.#consumed) throw new WasiFailure();
    this.#consumed = true;
    return new IncomingBody(this.guest, () => requestBody(this.guest, this.#message));
  }
}

/** Hop-by-hop fields stay with the connection (RFC 9110 §7.6.1); `host` is shown, since programs look there. */
function receivedEntries(raw: readonly string[]): FieldEntry[] {
  const entries: FieldEntry[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? '';
    if (name !== 'host' && isForbidden(name)) continue;
    entries.push([name, ownBytes(Buffer.from(raw[index + 1] ?? '', 'latin1'))]);
  }
  return entries;
}

/** Path and query of a request target, also of the absolute form that proxies are sent (RFC 9112 §3.2.2). */
function originForm(target: string): string {
  if (target.startsWith('/') || target === '*') return target;
  const url = URL.parse(target);
  return url === null ? '/' : url.pathname + url.search;
}
