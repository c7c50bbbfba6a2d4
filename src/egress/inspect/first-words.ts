import type { Destination } from '../channel.ts';
import { urlEntry } from '../destination.ts';
import type { EgressLimits } from '../limits.ts';
import type { Spoken } from '../policy.ts';
import { HttpInspection, refusedRequest } from './http-inspection.ts';
import { type Inspection, OPEN, Refusal, type Stage } from './inspection.ts';
import { DENIED, TlsInspection } from './tls-inspection.ts';

const HANDSHAKE = 0x16;
const TLS_MAJOR = 3;
const LF = 10;
/** Characters before which no request of HTTP has a control character: the shortest method and its space. */
const METHOD = 4;
/** A version of HTTP behind a target, in whatever case a server might take it. */
const IS_REQUEST = /\sHTTP\/\d/i;

/**
 * Tells by its first bytes what an app speaks, and looks at it as what it is.
 *
 * @param speaks what is allowed there
 */
export function inspectionOf(
  speaks: ReadonlySet<Spoken>,
  to: Destination,
  limits: Pick<EgressLimits, 'helloBytes' | 'headBytes'>,
): Inspection {
  return new FirstWords(speaks, to, limits);
}

class FirstWords implements Inspection {
  readonly #speaks: ReadonlySet<Spoken>;
  readonly #to: Destination;
  readonly #limits: Pick<EgressLimits, 'helloBytes' | 'headBytes'>;
  #kept: Buffer = Buffer.alloc(0);
  #found: Inspection | null = null;

  constructor(
    speaks: ReadonlySet<Spoken>,
    to: Destination,
    limits: Pick<EgressLimits, 'helloBytes' | 'headBytes'>,
  ) {
    this.#speaks = speaks;
    this.#to = to;
    this.#limits = limits;
  }

  get stage(): Stage {
    return this.#found?.stage ?? (this.#kept.length === 0 ? 'between' : 'head');
  }

  said(bytes: Buffer): readonly Buffer[] {
    if (this.#found !== null) return this.#found.said(bytes);
    const all = this.#kept.length === 0 ? bytes : Buffer.concat([this.#kept, bytes]);
    this.#found = this.#recognise(all);
    this.#kept = this.#found === null ? all : Buffer.alloc(0);
    return this.#found?.said(all) ?? [];
  }

  heard(bytes: Buffer): readonly Buffer[] {
    return this.#found?.heard(bytes) ?? [];
  }

  anew(): readonly Buffer[] {
    return this.#found?.anew?.() ?? [];
  }

  #recognise(bytes: Buffer): Inspection | null {
    if (this.#speaks.has('any')) {
      const words = firstWords(bytes);
      if (words === 'tls') return this.#tls();
      if (words === 'other') return OPEN;
      return words === 'http' || bytes.length > this.#limits.headBytes ? this.#http() : null;
    }
    if (bytes[0] === HANDSHAKE) {
      if (this.#speaks.has('tls')) return this.#tls();
      throw new Refusal('it speaks TLS where plain HTTP was granted', urlEntry('https', this.#to), DENIED);
    }
    if (this.#speaks.has('http')) return this.#http();
    const why = 'it speaks plain HTTP where TLS was granted';
    throw new Refusal(why, urlEntry('http', this.#to), refusedRequest(this.#to, why));
  }

  #tls(): Inspection {
    return new TlsInspection(this.#to, this.#limits.helloBytes);
  }

  #http(): Inspection {
    return new HttpInspection(this.#to, this.#limits.headBytes);
  }
}

/** What begins so; null: more has to come. */
function firstWords(bytes: Buffer): 'tls' | 'http' | 'other' | null {
  if (bytes[0] === HANDSHAKE) {
    if (bytes.length === 1) return null;
    return bytes[1] === TLS_MAJOR ? 'tls' : 'other';
  }
  if (bytes[0] === 13 || bytes[0] === LF) return 'http'; // a server may skip empty lines
  if (bytes.subarray(0, METHOD).some((byte) => (byte < 0x20 && byte !== LF && byte !== 13) || byte >= 0x7f))
    return 'other';
  const end = bytes.indexOf(LF);
  const line = end < 0 ? bytes : bytes.subarray(0, end);
  if (line.includes(0)) return 'other';
  if (end < 0) return null;
  return IS_REQUEST.test(line.toString('latin1')) ? 'http' : 'other';
}
