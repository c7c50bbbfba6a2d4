import type { OutgoingMessage } from 'node:http';
import type { Guest } from '../../guest.ts';
import { type Variant, WasiFailure } from '../failure.ts';
import { CLOSED, streamFailure } from '../io/io-error.ts';
import type { ByteSink } from '../io/output-stream.ts';
import { Watchers } from '../io/waitable.ts';

const NOTHING = new Uint8Array(0);
/** Bytes a guest may write at once, and the most that is kept of a body nobody reads yet. */
const PERMIT_BYTES = 64 * 1024;

/** What a body that the guest has done with turned out to be; `abandoned`: it let go of it unfinished. */
export type BodyEnd = 'complete' | 'wrong_length' | 'abandoned';

/** The error code of a body that has another length than it was declared with. */
export type LengthCode = 'HTTP-request-body-size' | 'HTTP-response-body-size';

/**
 * The body of a message a guest writes. Until it is attached to a message it gathers up to 64 KiB, then it passes on what
 * is written at the pace of the reader.
 */
export class BodyBuffer implements ByteSink {
  readonly #guest: Guest;
  readonly #lengthCode: LengthCode;
  readonly #watchers = new Watchers();
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #written = 0;
  #declaredLength: number | null = null;
  #target: OutgoingMessage | 'discard' | null = null;
  #state: 'open' | 'finished' | 'closed' = 'open';
  #onEnd: ((end: BodyEnd) => void) | null = null;

  constructor(guest: Guest, lengthCode: LengthCode) {
    this.#guest = guest;
    this.#lengthCode = lengthCode;
  }

  get isFinished(): boolean {
    return this.#state === 'finished';
  }

  /** Bytes written so far, whether sent or not. */
  get written(): number {
    return this.#written;
  }

  ready(): boolean {
    return this.#state !== 'open' || this.#room() > 0;
  }

  watch(wake: () => void): void {
    this.#watchers.add(wake);
  }

  unwatch(wake: () => void): void {
    this.#watchers.delete(wake);
  }

  permit(): number {
    if (this.#state !== 'open') throw CLOSED;
    return this.#room();
  }

  write(bytes: Uint8Array): void {
    if (this.#state !== 'open') throw CLOSED;
    if (bytes.length === 0) return;
    if (this.#declaredLength !== null && this.#written + bytes.length > this.#declaredLength) {
      throw streamFailure(
        this.#guest,
        'more than content-length says',
        this.#wrongLength(this.#written + bytes.length),
      );
    }
    this.#written += bytes.length;
    if (this.#target === 'discard') return;
    if (this.#target !== null) {
      this.#target.write(bytes);
      return;
    }
    this.#guest.holdBytes(bytes.length);
    this.#buffered += bytes.length;
    this.#chunks.push(bytes);
  }

  /** The guest has written all. @throws WasiFailure with the error code of a length that was declared otherwise */
  finish(): void {
    if (this.#state === 'closed') return; // the reader has gone; nothing to say to the guest
    this.#state = 'finished';
    const end =
      this.#declaredLength === null || this.#declaredLength === this.#written ? 'complete' : 'wrong_length';
    this.#onEnd?.(end);
    if (end === 'wrong_length') throw new WasiFailure(this.#wrongLength(this.#written));
  }

  /** The guest has let go of the body and will write no more of it. */
  abandon(): void {
    if (this.#state === 'open') this.#onEnd?.('abandoned');
  }

  /** Nobody takes the body any more: writing ends with `closed`. */
  close(): void {
    if (this.#state === 'open') this.#state = 'closed';
    this.#letGo();
    this.#watchers.wakeAll();
  }

  /**
   * @param declaredLength of the head's `content-length`, null without one
   * @param onEnd called when the guest is done with the body
   */
  expect(declaredLength: number | null, onEnd: (end: BodyEnd) => void): void {
    this.#declaredLength = declaredLength;
    this.#onEnd = onEnd;
  }

  /** Takes out what has gathered. */
  takeGathered(): Uint8Array {
    const [first = NOTHING, ...others] = this.#chunks;
    const gathered = others.length === 0 ? first : Buffer.concat(this.#chunks);
    this.#letGo();
    return gathered;
  }

  /** From now on bytes go to the message whose head has been sent, or nowhere. */
  attach(target: OutgoingMessage | 'discard'): void {
    this.#target = target;
    if (target !== 'discard') target.on('drain', () => this.#watchers.wakeAll());
    this.#watchers.wakeAll();
  }

  #room(): number {
    if (this.#target === null) return PERMIT_BYTES - this.#buffered;
    if (this.#target === 'discard') return PERMIT_BYTES;
    return this.#target.writableNeedDrain ? 0 : PERMIT_BYTES;
  }

  #wrongLength(bytes: number): Variant {
    return { tag: this.#lengthCode, val: BigInt(bytes) };
  }

  #letGo(): void {
    this.#guest.releaseBytes(this.#buffered);
    this.#buffered = 0;
    this.#chunks = [];
  }
}
