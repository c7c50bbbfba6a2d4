import type { ServerResponse } from 'node:http';
import type { Guest } from '../../guest.ts';
import { WasiFailure } from '../failure.ts';
import { CLOSED, streamFailure } from '../io/io-error.ts';
import type { ByteSink } from '../io/output-stream.ts';
import { Watchers } from '../io/waitable.ts';

/** Bytes a guest may write at once, and the most that is kept of a body nobody reads yet. */
const PERMIT_BYTES = 64 * 1024;

/** What a finished body turned out to be. */
export type BodyEnd = 'complete' | 'wrong_length';

/**
 * The body of a message a guest writes. Until it is attached to a response it gathers up to 64 KiB, then it passes on what
 * is written at the pace of the reader.
 */
export class BodyBuffer implements ByteSink {
  readonly #guest: Guest;
  readonly #watchers = new Watchers();
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #written = 0;
  #declaredLength: number | null = null;
  #target: ServerResponse | 'discard' | null = null;
  #state: 'open' | 'finished' | 'closed' = 'open';
  #onEnd: ((end: BodyEnd) => void) | null = null;

  constructor(guest: Guest) {
    this.#guest = guest;
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
        wrongLength(this.#written + bytes.length),
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
    if (end === 'wrong_length') throw new WasiFailure(wrongLength(this.#written));
  }

  /** Nobody takes the body any more: writing ends with `closed`. */
  close(): void {
    if (this.#state === 'open') this.#state = 'closed';
    this.#letGo();
    this.#watchers.wakeAll();
  }

  /**
   * @param declaredLength of the head's `content-length`, null without one
   * @param onEnd called when the guest finishes the body
   */
  expect(declaredLength: number | null, onEnd: (end: BodyEnd) => void): void {
    this.#declaredLength = declaredLength;
    this.#onEnd = onEnd;
  }

  /** Takes out what has gathered. */
  takeGathered(): Uint8Array {
    const [first] = this.#chunks;
    const gathered = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#letGo();
    return gathered;
  }

  /** From now on bytes go to the response whose head has been sent, or nowhere. */
  attach(target: ServerResponse | 'discard'): void {
    this.#target = target;
    if (target !== 'discard') target.on('drain', () => this.#watchers.wakeAll());
    this.#watchers.wakeAll();
  }

  #room(): number {
    if (this.#target === null) return PERMIT_BYTES - this.#buffered;
    if (this.#target === 'discard') return PERMIT_BYTES;
    return this.#target.writableNeedDrain ? 0 : PERMIT_BYTES;
  }

  #letGo(): void {
    this.#guest.releaseBytes(this.#buffered);
    this.#buffered = 0;
    this.#chunks = [];
  }
}

function wrongLength(bytes: number) {
  return { tag: 'HTTP-response-body-size', val: BigInt(bytes) };
}
