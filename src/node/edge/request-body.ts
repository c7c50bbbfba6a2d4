import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/**
 * A request's body on its way to the app. The proxy's client destroys what it was given when the app answers early;
 * destroying the message itself would cut the visitor's connection or stall it with unread bytes, so the client gets
 * this, and the rest of the body is read and dropped.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage;
  readonly #beforeReading: (() => void) | undefined;
  #reading = false;

  /** @param beforeReading called once before the first byte is taken: the moment for `100 Continue` */
  constructor(request: IncomingMessage, beforeReading?: () => void) {
    super();
    this.#request = request;
    this.#beforeReading = beforeReading;
  }

  /** Has any of the body been taken? Until then the request may be sent again. */
  get started(): boolean {
    return this.#reading;
  }

  override _read(): void {
    const request = this.#request;
    if (this.#reading) {
      request.resume();
      return;
    }
    this.#reading = true;
    this.#beforeReading?.();
    request
      .on('data', this.#onData)
      .on('end', this.#onEnd)
      .on('error', this.#onError)
      .on('close', this.#onClose);
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    const request = this.#request;
    request
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('error', this.#onError)
      .off('close', this.#onClose);
    request.on('error', () => {}); // the visitor may still break off while the rest is dropped
    if (this.#reading) request.resume();
    callback(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.push(chunk)) this.#request.pause();
  };

  readonly #onEnd = (): void => {
    this.push(null);
  };

  readonly #onError = (error: Error): void => {
    this.destroy(error);
  };

  readonly #onClose = (): void => {
    if (!this.#request.complete)
      this.destroy(new Error('the visitor went away before the body was complete'));
  };
}
