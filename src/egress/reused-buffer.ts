import type { OnReadOpts } from 'node:net';

/** Bytes of the first reads at most: answers mostly are short … */
const SHORT_BYTES = 8 * 1024;
/** … and of those behind one that took all there was room for. */
const LONG_BYTES = 64 * 1024;

/**
 * What a socket reads into: the same memory again and again, as long as whoever hears the bytes is done with them at once. Node's
 * streams take new memory for each read, which costs more than the reading.
 */
export class ReusedBuffer {
  /** Gets the bytes of each read, for as long as the call lasts. @returns false: read no further until the socket is resumed */
  hear: (bytes: Buffer) => boolean = () => true;
  #bytes: Buffer = Buffer.allocUnsafeSlow(SHORT_BYTES);
  #isKept = false;
  #givenAway: Buffer | null = null;
  #spare: Buffer | null = null;

  /** For `net.connect`. */
  readonly onread: OnReadOpts = {
    buffer: () => this.#bytes,
    callback: (length) => {
      const isFull = length === this.#bytes.length;
      const goesOn = this.hear(isFull ? this.#bytes : this.#bytes.subarray(0, length));
      if (this.#isKept) this.#exchange();
      else if (isFull && length < LONG_BYTES) this.#bytes = Buffer.allocUnsafeSlow(LONG_BYTES);
      return goesOn;
    },
  };

  /** What is heard at this moment stays in use: the next read goes elsewhere. */
  giveAway(): void {
    this.#isKept = true;
  }

  /** Nothing of what was given away is in use any more. */
  takeBack(): void {
    this.#spare ??= this.#givenAway;
    this.#givenAway = null;
  }

  #exchange(): void {
    this.#isKept = false;
    this.#givenAway = this.#bytes;
    this.#bytes = this.#spare ?? Buffer.allocUnsafeSlow(LONG_BYTES);
    this.#spare = null;
  }
}
