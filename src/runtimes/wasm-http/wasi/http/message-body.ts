import type { IncomingMessage } from 'node:http';
import type { Guest } from '../../guest.ts';
import type { Variant } from '../failure.ts';
import type { ByteSource } from '../io/input-stream.ts';
import { CLOSED, streamFailure } from '../io/io-error.ts';
import { Watchers } from '../io/waitable.ts';

/** What ends the body of a message before it is whole. */
export interface BodyBounds {
  /** The error code of a body whose sender has gone. */
  readonly cut: Variant;
  /** Milliseconds that the guest waits for the next bytes; null: as long as it likes. */
  readonly betweenBytesMs: number | null;
}

const TIMED_OUT: Variant = { tag: 'connection-read-timeout' };
const NOTHING = new Uint8Array(0);
/** Bytes that lie here before the sender has to wait. */
const MAX_KEPT = 128 * 1024;

/**
 * The body of a message as it arrives: what is not read stays with the sender (TCP back-pressure). Its parts are given as they have
 * come; to ask a stream of node for so many bytes has them copied.
 */
export class MessageBody implements ByteSource {
  readonly #guest: Guest;
  readonly #message: IncomingMessage;
  readonly #bounds: BodyBounds;
  readonly #watchers = new Watchers();
  readonly #parts: Buffer[] = [];
  #kept = 0;
  /** Of `performance.now()`: since then the guest has waited for what has not come. */
  #waitsSince: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isLate = false;

  constructor(guest: Guest, message: IncomingMessage, bounds: BodyBounds) {
    this.#guest = guest;
    this.#message = message;
    this.#bounds = bounds;
    const come = message.read() as Buffer | null; // with the head, mostly all of it
    if (come !== null) this.#keep(come);
    const wake = (): void => this.#wake();
    message
      .on('data', (bytes: Buffer) => {
        this.#keep(bytes);
        this.#wake();
      })
      .on('end', wake)
      .on('close', wake)
      .on('error', wake);
  }

  ready(): boolean {
    return this.#parts.length > 0 || this.#isOver() || this.#isCut();
  }

  watch(waker: () => void): void {
    this.#watchers.add(waker);
    const { betweenBytesMs } = this.#bounds;
    if (betweenBytesMs === null || this.#timer !== null) return;
    this.#waitsSince ??= performance.now();
    this.#timer = setTimeout(() => this.#giveUp(), this.#waitsSince + betweenBytesMs - performance.now());
  }

  unwatch(waker: () => void): void {
    this.#watchers.delete(waker);
    if (this.#watchers.size > 0 || this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  read(limit: number): Uint8Array {
    const bytes = this.#take(limit);
    if (bytes !== null) return bytes;
    if (this.#isLate) throw streamFailure(this.#guest, 'the sender was silent for too long', TIMED_OUT);
    if (this.#isCut()) throw streamFailure(this.#guest, 'the sender has gone', this.#bounds.cut);
    if (this.#isOver()) throw CLOSED;
    return NOTHING;
  }

  #keep(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#kept += bytes.length;
    if (this.#kept >= MAX_KEPT) this.#message.pause();
  }

  #take(limit: number): Buffer | null {
    const [first] = this.#parts;
    if (first === undefined) return null;
    const taken = first.length <= limit ? first : first.subarray(0, limit);
    if (taken === first) this.#parts.shift();
    else this.#parts[0] = first.subarray(limit);
    this.#kept -= taken.length;
    if (this.#kept < MAX_KEPT && this.#message.isPaused()) this.#message.resume();
    return taken;
  }

  #isCut(): boolean {
    return this.#message.destroyed && !this.#message.complete;
  }

  #isOver(): boolean {
    const { readableEnded, complete, readableLength } = this.#message;
    return readableEnded || (complete && readableLength === 0);
  }

  #giveUp(): void {
    this.#isLate = true;
    this.#message.destroy();
    this.#watchers.wakeAll();
  }

  #wake(): void {
    this.#waitsSince = null;
    this.#watchers.wakeAll();
  }
}
