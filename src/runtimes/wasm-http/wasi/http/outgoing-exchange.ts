import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Guest } from '../../guest.ts';
import type { Variant } from '../failure.ts';
import { type Waitable, Watchers } from '../io/waitable.ts';
import type { BodyBuffer, BodyEnd } from './body-buffer.ts';
import type { MessageHead } from './message-head.ts';
import type { OutgoingConnection, OutgoingConnections } from './outgoing-connections.ts';
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
/** What came was none, such as an upgrade that was not asked for. */
const NO_ANSWER: Variant = { tag: 'HTTP-protocol-error' };
/** Methods whose requests may be sent once more (RFC 9110 §9.2.2) when a connection that was kept turns out to be dead. */
const REPEATABLE = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'];
const KEEP_ALIVE = /^keep-alive$/i;
const DEAD = ['ECONNRESET', 'EPIPE'];
/** Methods whose requests need not say that they have no body (RFC 9110 §8.6). */
const WITHOUT_BODY = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'];

/**
 * A guest's request to somewhere else, on a connection of the app's channel that is its own as long as it lasts. Ready when its
 * outcome is known.
 * It ends with its answer, when the guest lets go of it, or with the guest.
 */
export class OutgoingExchange implements Waitable {
  readonly #guest: Guest;
  readonly #connections: OutgoingConnections;
  readonly #message: OutgoingMessage;
  readonly #watchers = new Watchers();
  #dialling: AbortController | null = null;
  #outcome: Outcome | null = null;
  #request: ClientRequest | null = null;

  /** Begins at once. */
  constructor(guest: Guest, connections: OutgoingConnections, message: OutgoingMessage) {
    this.#guest = guest;
    this.#connections = connections;
    this.#message = message;
    const { body, head, hasBody } = message;
    body.expect(head.contentLength, (end) => this.#bodyEnded(end));
    guest.beginTask(this.end);
    if (!hasBody) body.finish();
    this.#run();
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
    this.#dialling?.abort();
    this.#request?.destroy();
    this.#message.body.close();
    this.#guest.endTask(this.end);
  };

  /** The guest wants no more of the answer; what it has still to send goes on if the answer has come whole. */
  doneReading(response: IncomingMessage): void {
    if (!response.complete || this.#request === null) this.end();
    else if (this.#request.writableFinished) this.#leave(response);
    else this.#request.once('finish', () => this.#leave(response));
  }

  /** Whole both ways: the guest has no part in it any more, and its connection is free. */
  #leave(response: IncomingMessage): void {
    response.resume();
    this.#message.body.close();
    this.#guest.endTask(this.end);
  }

  #run(): void {
    const { target, body } = this.#message;
    const free = this.#connections.takeFree(target);
    if (free === null) void this.#runNew(null);
    else if (body.isFinished) this.#send(free, null);
    // What the guest writes at once goes with the head, and has a length then.
    else setImmediate(() => (this.#outcome === null ? this.#send(free, null) : free.release(null)));
  }

  /** @param sent see `#send` */
  async #runNew(sent: Uint8Array | null): Promise<void> {
    const { target, timeouts } = this.#message;
    const leaving = new AbortController();
    this.#dialling = leaving;
    const timer = setTimeout(() => this.#breakOff({ tag: 'connection-timeout' }), timeouts.connectMs);
    try {
      const connection = await this.#connections.make(target, leaving.signal);
      if (leaving.signal.aborted) connection.stream.destroy();
      else this.#send(connection, sent);
    } catch (error) {
      this.#breakOff(outgoingErrorCode(error));
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param sent the whole body, where it was taken for a connection that turned out to be dead */
  #send(connection: OutgoingConnection, sent: Uint8Array | null): void {
    const { stream } = connection;
    const { target, head, body, timeouts } = this.#message;
    const { method, path, authority } = target;
    const isWhole = body.isFinished;
    const gathered = sent ?? body.takeGathered();
    const headers = ['host', authority, 'connection', 'keep-alive', ...head.headers];
    if (head.contentLength === null) {
      if (!isWhole) headers.push('transfer-encoding', 'chunked');
      else if (gathered.length > 0 || !WITHOUT_BODY.includes(method))
        headers.push('content-length', String(gathered.length));
    }
    const request = httpRequest({ method, path, headers, createConnection: () => stream });
    request.shouldKeepAlive = true; // node takes a connection of our own making for one that ends
    this.#request = request;
    const timer = setTimeout(() => this.#breakOff({ tag: 'HTTP-response-timeout' }), timeouts.firstByteMs);
    let answer: IncomingMessage | null = null;
    let isTriedAgain = false;
    request.on('response', (response) => {
      clearTimeout(timer);
      answer = response;
      response.on('error', () => {}); // the body's reader sees it
      this.#settle({ response });
    });
    request.on('error', (error) => {
      const isDead = connection.isReused && DEAD.includes(String((error as NodeJS.ErrnoException).code));
      isTriedAgain =
        isDead && isWhole && answer === null && this.#outcome === null && REPEATABLE.includes(method);
      if (isTriedAgain) void this.#runNew(gathered);
      else this.#breakOff(outgoingErrorCode(error));
    });
    request.on('close', () => {
      clearTimeout(timer);
      if (isKept(request, answer)) stream.once('free', () => connection.release(secondsOf(answer)));
      else stream.destroy();
      if (isTriedAgain) return;
      this.#fail(NO_ANSWER);
      body.close();
      this.#guest.endTask(this.end);
    });
    if (isWhole) {
      if (gathered.length > 0) request.end(gathered);
      else request.end(); // head alone: one write instead of two
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

/** Have both sides said all, and does the far end go on? Node then tells that the connection is free. */
function isKept(request: ClientRequest, answer: IncomingMessage | null): boolean {
  return answer?.complete === true && request.writableFinished && request.shouldKeepAlive;
}

/** What the far end says of how long it keeps a connection. Looked for in the raw fields: to ask for one by its name makes node sort them all. */
function secondsOf(answer: IncomingMessage | null): number | null {
  const raw = answer?.rawHeaders ?? [];
  const at = raw.findIndex((name, index) => index % 2 === 0 && KEEP_ALIVE.test(name));
  const said = at < 0 ? undefined : /(?:^|[\s,])timeout=(\d{1,6})/i.exec(raw[at + 1] ?? '')?.[1];
  return said === undefined ? null : Number(said);
}
