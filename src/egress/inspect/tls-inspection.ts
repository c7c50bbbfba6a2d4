import { isIP } from 'node:net';
import type { Destination } from '../channel.ts';
import { type ClientHello, parseClientHello } from './client-hello.ts';
import { asksAgain, helloIn } from './hello-records.ts';
import { type Inspection, Refusal, type Stage } from './inspection.ts';

/** The fatal alert `access_denied` (RFC 8446 §6), in a record that every version reads. */
export const DENIED = alert(49);
const UNRECOGNIZED_NAME = alert(112);

/**
 * Lets a TLS connection pass that names the place as its server. Nothing goes out before the ClientHello is whole and its
 * server name is the host; of an address there must be none (RFC 6066 §3). A server that asks for a second ClientHello gets it under the same
 * condition. After that nothing can be read, and nothing is looked at.
 */
export class TlsInspection implements Inspection {
  readonly #host: string;
  readonly #maxBytes: number;
  #state: 'hello' | 'answer' | 'second' | 'open' = 'hello';
  #kept: Buffer = Buffer.alloc(0);
  #answer: Buffer = Buffer.alloc(0);

  constructor({ host }: Destination, maxBytes: number) {
    this.#host = host;
    this.#maxBytes = maxBytes;
  }

  get stage(): Stage {
    if (this.#state === 'open') return 'open';
    if (this.#state === 'answer') return 'held';
    return this.#kept.length === 0 ? 'between' : 'head';
  }

  said(bytes: Buffer): readonly Buffer[] {
    if (this.#state === 'open') return [bytes];
    this.#kept = this.#kept.length === 0 ? bytes : Buffer.concat([this.#kept, bytes]);
    return this.#state === 'answer' ? [] : this.#look();
  }

  heard(bytes: Buffer): readonly Buffer[] {
    if (this.#state !== 'answer') return [];
    this.#answer = Buffer.concat([this.#answer, bytes.subarray(0, 64)]);
    const again = asksAgain(this.#answer);
    if (again === null) return [];
    this.#state = again ? 'second' : 'open';
    return again ? this.#look() : this.#take(this.#kept.length);
  }

  #look(): readonly Buffer[] {
    const isSecond = this.#state === 'second';
    const found = helloIn(this.#kept, isSecond);
    const length = typeof found === 'string' ? this.#kept.length : found.length;
    if (found !== 'none' && length > this.#maxBytes)
      throw new Refusal('its first message is too long for a ClientHello', null, DENIED);
    if (found === 'incomplete') return [];
    const hello = found === 'none' ? null : parseClientHello(found.body);
    if (found === 'none' || hello === null)
      throw new Refusal('what it begins with is no ClientHello of TLS', null, DENIED);
    const why = whyNot(hello, this.#host);
    if (why !== null) throw new Refusal(why, null, UNRECOGNIZED_NAME);
    if (isSecond) {
      this.#state = 'open';
      return this.#take(this.#kept.length);
    }
    this.#state = 'answer';
    return this.#take(length);
  }

  #take(length: number): readonly Buffer[] {
    const taken = this.#kept.subarray(0, length);
    this.#kept = this.#kept.subarray(length);
    return taken.length === 0 ? [] : [taken];
  }
}

function whyNot({ serverName, isEncrypted }: ClientHello, host: string): string | null {
  if (isEncrypted)
    return 'its server name is encrypted (ECH), so that nobody can see whether it is this host';
  if (isIP(host) !== 0)
    return serverName === null
      ? null
      : `TLS with an address names no server, and this one names "${serverName}"`;
  if (serverName === null) return 'it names no server (SNI)';
  return serverName.toLowerCase() === host ? null : `its server name (SNI) is "${serverName}"`;
}

function alert(description: number): Buffer {
  const FATAL = 2;
  return Buffer.from([21, 3, 3, 0, 2, FATAL, description]);
}
