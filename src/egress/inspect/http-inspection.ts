import type { Destination } from '../channel.ts';
import { authorityOf } from '../destination.ts';
import { egressError } from '../errors.ts';
import { problemOf } from '../problem.ts';
import { type Inspection, Refusal, type Stage } from './inspection.ts';
import { bodyOfLength, chunkedBody, type SentBody } from './sent-body.ts';
import { readSentHead, type SentHead } from './sent-head.ts';

const HEAD_END = '\r\n\r\n';
const SWITCHED = 'HTTP/1.1 101 ';

/**
 * Lets requests of HTTP/1.1 pass that name the place as their host; each that follows on the connection as well as the first.
 * A WebSocket is asked for with the first one, and passes once the place has agreed to it. One that is asked for behind others gets a new
 * connection, where it is the first: so nothing that the place answers to those can be taken for its agreement.
 */
export class HttpInspection implements Inspection {
  readonly #to: Destination;
  readonly #maxHead: number;
  #head: Buffer = Buffer.alloc(0);
  #body: SentBody | null = null;
  #requests = 0;
  #upgrade: 'none' | 'asked' | 'refused' | 'done' = 'none';
  #isForAnother = false;
  #answer = '';

  constructor(to: Destination, maxHead: number) {
    this.#to = to;
    this.#maxHead = maxHead;
  }

  get stage(): Stage {
    if (this.#upgrade === 'done') return 'open';
    if (this.#upgrade === 'asked') return 'held';
    if (this.#isForAnother) return 'anew';
    if (this.#head.length > 0 || this.#body?.isWithinLine) return 'head';
    return this.#body === null ? 'between' : 'body';
  }

  said(bytes: Buffer): readonly Buffer[] {
    if (this.#upgrade === 'done') return [bytes];
    const out: Buffer[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#upgrade === 'asked' || this.#isForAnother) {
        this.#head = this.#head.length === 0 ? rest : Buffer.concat([this.#head, rest]); // until it is answered
        return out;
      }
      rest = this.#body === null ? this.#takeHead(rest, out) : this.#takeBody(this.#body, rest, out);
    }
    return out;
  }

  heard(bytes: Buffer): readonly Buffer[] {
    if (this.#upgrade !== 'asked') return [];
    this.#answer += bytes.toString('latin1', 0, SWITCHED.length);
    if (this.#answer.length < SWITCHED.length && SWITCHED.startsWith(this.#answer)) return [];
    const isDone = this.#answer.startsWith(SWITCHED);
    this.#upgrade = isDone ? 'done' : 'refused';
    const kept = this.#head;
    this.#head = Buffer.alloc(0);
    if (kept.length === 0) return [];
    return isDone ? [kept] : this.said(kept);
  }

  anew(): readonly Buffer[] {
    const kept = this.#head;
    this.#head = Buffer.alloc(0);
    this.#isForAnother = false;
    this.#requests = 0;
    return this.said(kept);
  }

  #takeBody(body: SentBody, bytes: Buffer, out: Buffer[]): Buffer {
    const length = body.take(bytes, 0);
    out.push(bytes.subarray(0, length));
    if (body.hasEnded) this.#body = null;
    return bytes.subarray(length);
  }

  #takeHead(bytes: Buffer, out: Buffer[]): Buffer {
    if (this.#upgrade === 'refused') throw this.#refusal('it goes on although it got no WebSocket');
    const seen = Math.max(0, this.#head.length - HEAD_END.length + 1);
    const all = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
    const end = all.indexOf(HEAD_END, seen, 'latin1');
    if ((end < 0 ? all.length : end) > this.#maxHead)
      throw this.#refusal(`its head is longer than ${this.#maxHead} bytes`);
    if (end < 0) {
      if (all[0] === 13 || all[0] === 10) throw this.#refusal('it does not begin with a request of HTTP/1.1');
      this.#head = all;
      return Buffer.alloc(0);
    }
    const head = readSentHead(all.toString('latin1', 0, end), this.#to);
    if (typeof head === 'string') throw this.#refusal(head);
    if (head.isUpgrade && this.#requests > 0) {
      this.#isForAnother = true;
      this.#head = all;
      return Buffer.alloc(0);
    }
    this.#begin(head);
    const length = end + HEAD_END.length;
    out.push(all.subarray(0, length));
    this.#head = Buffer.alloc(0);
    return all.subarray(length);
  }

  #begin({ body, isUpgrade }: SentHead): void {
    this.#requests++;
    if (isUpgrade) this.#upgrade = 'asked';
    if (body === 'chunked') this.#body = chunkedBody();
    else if (body > 0) this.#body = bodyOfLength(body);
  }

  /** An answer of ours must not be taken for that to an earlier request. */
  #refusal(why: string): Refusal {
    return new Refusal(why, null, this.#requests === 0 ? refusedRequest(this.#to, why) : null);
  }
}

/** The answer to a request that is not passed on. */
export function refusedRequest(to: Destination, why: string): Buffer {
  const { status, type, body } = problemOf(
    egressError('egress_denied', {
      what: `The request to ${authorityOf(to)} was not passed on`,
      why,
      hint: 'Over this connection go requests of HTTP/1.1 to that host alone',
    }),
  );
  const head = `HTTP/1.1 ${status} Forbidden\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.from(`${head}connection: close\r\n\r\n${body}`);
}
