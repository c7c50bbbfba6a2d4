import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type AppChannel, secureStream } from '../../../../egress/index.ts';
import type { Guest } from '../../guest.ts';
import type { Variant } from '../failure.ts';
import { type Waitable, Watchers } from '../io/waitable.ts';
import type { BodyBuffer, BodyEnd } from './body-buffer.ts';
import type { MessageHead } from './message-head.ts';
import { outgoingErrorCode } from './outgoing-errors.ts';
import type { OutgoingTarget } from './outgoing-target.ts';

/** Milliseconds that each step may take. */
export interface OutgoingTimeouts {
  /** Until there is a connection, TLS included. */
  readonly connectMs: number;
  /** From then until the head of the answer. */
  readonly firstByteMs: number;
  /** Of the answer's body, while the guest waits. */
  readonly betweenBytesMs: number;
}

/** A request as a guest has made it. */
export interface OutgoingMessage {
  readonly target: OutgoingTarget;
  readonly head: MessageHead;
  readonly body: BodyBuffer;
  /** False: there is no body and none will be finished. */
  readonly hasBody: boolean;
  readonly timeouts: OutgoingTimeouts;
}

/** What became of a request: the head of its answer has come, or it never will. */
export type Outcome = { readonly response: IncomingMessage } | { readonly error: Variant };

const ABANDONED: Variant = { tag: 'internal-error', val: 'the request was let go of' };
/** Methods whose requests need not say that they have no body (RFC 9110 §8.6). */
const WITHOUT_BODY = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'];

/**
 * A guest's request to somewhere else, on a connection of its own through the app's channel. Ready when its outcome is known.
 * It ends with its answer, when the guest lets go of it, or with the guest.
 */
export class OutgoingExchange implements Waitable {
  readonly #guest: Guest;
  readonly #channel: AppChannel;
  readonly #message: OutgoingMessage;
  readonly #watchers = new Watchers();
  readonly #leaving = new AbortController();
  #outcome: Outcome | null = null;
  #request: ClientRequest | null = null;

  /** Begins at once. */
  constructor(guest: Guest, channel: AppChannel, message: OutgoingMessage) {
    this.#guest = guest;
    this.#channel = channel;
    this.#message = message;
    const { body, head, hasBody } = message;
    body.expect(head.contentLength, (end) => this.#bodyEnded(end));
    guest.beginTask(this.end);
    if (!hasBody) body.finish();
    void this.#run();
  }

  /** Null while it is not known. */
  get outcome(): Outcome | null {
    return this.#outcome;
  }

  get timeouts(): OutgoingTimeouts {
    return this.#message.timeouts;
  }

  ready(): boolean {
    return this.#outcome !== null;
  }

  watch(wake: () => void): void {
    this.#watchers.add(wake);
  }

  unwatch(wake: () => void): void {
    this.#watchers.delete(wake);
  }

  /** Breaks off what is not at its end. */
  readonly end = (): void => {
    this.#fail(ABANDONED);
    this.#leaving.abort();
    this.#request?.destroy();
    this.#message.body.close();
    this.#guest.endTask(this.end);
  };

  /** The guest wants no more of the answer; what it has still to send goes on if the answer has come whole. */
  doneReading(response: IncomingMessage): void {
    if (!response.complete || this.#request === null || this.#request.writableFinished) this.end();
    else this.#request.once('finish', this.end);
  }

  async #run(): Promise<void> {
    const timer = setTimeout(
      () => this.#breakOff({ tag: 'connection-timeout' }),
      this.#message.timeouts.connectMs,
    );
    try {
      const stream = await this.#connect();
      this.#leaving.signal.addEventListener('abort', () => stream.destroy());
      if (this.#leaving.signal.aborted) stream.destroy();
      else this.#send(stream);
    } catch (error) {
      this.#breakOff(outgoingErrorCode(error));
    } finally {
      clearTimeout(timer);
    }
  }

  async #connect(): Promise<Duplex> {
    const { host, port, isTls } = this.#message.target;
    const { signal } = this.#leaving;
    const stream = await this.#channel.dial({ host, port }, signal);
    return isTls ? secureStream(stream, host, { signal }) : stream;
  }

  #send(stream: Duplex): void {
    const { target, head, body, timeouts } = this.#message;
    const { method, path, authority } = target;
    const isWhole = body.isFinished;
    const gathered = body.takeGathered();
    const headers = ['host', authority, 'connection', 'close', ...head.headers];
    if (head.contentLength === null) {
      if (!isWhole) headers.push('transfer-encoding', 'chunked');
      else if (gathered.length > 0 || !WITHOUT_BODY.includes(method))
        headers.push('content-length', String(gathered.length));
    }
    const request = httpRequest({ method, path, headers, createConnection: () => stream });
    this.#request = request;
    const timer = setTimeout(() => this.#breakOff({ tag: 'HTTP-response-timeout' }), timeouts.firstByteMs);
    request.on('response', (response) => {
      clearTimeout(timer);
      response.on('error', () => {}); // the body's reader sees it
      this.#settle({ response });
    });
    request.on('error', (error) => this.#breakOff(outgoingErrorCode(error)));
    request.on('close', () => {
      clearTimeout(timer);
      stream.destroy();
      body.close();
      this.#guest.endTask(this.end);
    });
    if (isWhole) {
      request.end(gathered);
      return;
    }
    request.flushHeaders();
    if (gathered.length > 0) request.write(gathered);
    body.attach(request);
  }

  #bodyEnded(end: BodyEnd): void {
    if (end === 'complete') this.#request?.end();
    else if (end === 'abandoned') this.#breakOff(ABANDONED);
    else this.#breakOff({ tag: 'HTTP-request-body-size', val: BigInt(this.#message.body.written) });
  }

  /** Tells the guest, unless it has its answer, and ends it. */
  #breakOff(error: Variant): void {
    this.#fail(error);
    this.end();
  }

  #fail(error: Variant): void {
    if (this.#outcome === null) this.#settle({ error });
  }

  #settle(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#watchers.wakeAll();
  }
}
