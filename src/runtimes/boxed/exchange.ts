import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { type Problem, sendProblem } from '../problem.ts';
import { answerHeaders, passedTrailers, requestHeaders } from './hop-headers.ts';
import { ANSWER_INVALID, REQUEST_INVALID } from './problems.ts';

/** Where a guest answers. */
export interface GuestDoor {
  readonly agent: Agent;
  readonly path: string;
}

/** What an exchange asks of its app. */
export interface ExchangeOwner<Door extends GuestDoor> {
  /**
   * The guest gave no answer.
   *
   * @returns what to tell the visitor, or another door, where it is sent again; only asked for when it may be (`neverReached`)
   */
  broken(exchange: Exchange<Door>, door: Door, error: Error, neverReached: boolean): Promise<Problem | Door>;
  /** A problem was answered that the guest is to blame for. */
  failed(request: IncomingMessage, problem: Problem): void;
}

/** Bytes of an answer's head; a visitor's is bounded by the runner's front. */
const MAX_HEAD_BYTES = 64 * 1024;
/** Bytes of a body that is sent together with its head. */
const MAX_JOINED_BYTES = 16 * 1024;
/** Times that a request which no guest has seen is sent again. */
const MAX_RESENDS = 3;

/**
 * One request on its way through a guest. What the guest sends is read by node's strict parser and written anew; nothing of its
 * framing is passed on. Interim answers (1xx) end here, as they do at the edge.
 */
export class Exchange<Door extends GuestDoor> {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #owner: ExchangeOwner<Door>;
  #door: Door | null = null;
  #outgoing: ClientRequest | null = null;
  #answer: IncomingMessage | null = null;
  /** Of the visitor's body: some of it has been taken from the visitor and passed on, so it can be sent only once. */
  #bodyBegun = false;
  /** The visitor's body when it had come whole with its head: it goes on in one piece with that. */
  #whole: Buffer | null = null;
  #resends = 0;
  #isLeft = false;
  #isOver = false;

  constructor(owner: ExchangeOwner<Door>, request: IncomingMessage, response: ServerResponse) {
    this.#owner = owner;
    this.request = request;
    this.response = response;
    request.on('error', ignore); // a visitor who leaves: the response closes too
    response.on('error', ignore);
    response.once('close', () => this.#closed());
  }

  /** The visitor has left before the answer was whole. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** Never throws. */
  send(door: Door): void {
    if (this.#isOver) return;
    this.#door = door;
    const { request } = this;
    const { headers, method = 'GET', url = '/' } = request;
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    let outgoing: ClientRequest;
    try {
      outgoing = httpRequest({
        agent: door.agent,
        socketPath: door.path,
        method,
        path: url,
        headers: requestHeaders(request, hasBody),
        maxHeaderSize: MAX_HEAD_BYTES,
        insecureHTTPParser: false,
      });
    } catch {
      this.fail(REQUEST_INVALID); // nothing that the runner's front lets through is known to come here
      return;
    }
    this.#outgoing = outgoing;
    outgoing.on('response', (answer) => this.#answered(outgoing, answer));
    outgoing.on('error', (error) => this.#failed(outgoing, error));
    // An end that is neither an answer nor an error: the guest speaks another protocol from now on.
    outgoing.on('close', () => {
      if (this.#answer === null) this.#failed(outgoing, new Error('closed'));
    });
    if (!hasBody) {
      outgoing.end();
      return;
    }
    // What came along with the head is read by then, not before.
    process.nextTick(() => this.#sendBody(outgoing));
  }

  #sendBody(outgoing: ClientRequest): void {
    if (this.#isOver || outgoing.destroyed) return;
    this.#whole ??= wholeBody(this.request);
    if (this.#whole !== null) {
      outgoing.end(this.#whole);
      return;
    }
    outgoing.flushHeaders();
    const pump = (): void => void setImmediate(() => this.#pump(outgoing));
    if (outgoing.socket === null) outgoing.once('socket', pump);
    else pump();
  }

  /** Answers with a problem, or breaks the connection when a head has gone out already. */
  fail(problem: Problem): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outgoing?.destroy();
    if (this.response.headersSent) this.response.destroy();
    else {
      sendProblem(this.response, problem);
      this.#discardBody();
    }
  }

  /**
   * Passes the visitor's body on. By now a connection that the guest had closed before would have refused the head, and the request
   * could be sent again whole.
   */
  #pump(outgoing: ClientRequest): void {
    if (this.#isOver || outgoing.destroyed) return;
    const { request } = this;
    this.#bodyBegun = true;
    request.once('end', () => {
      const trailers = passedTrailers(request.rawTrailers);
      if (trailers.length > 0) addTrailers(outgoing, trailers);
    });
    request.pipe(outgoing);
  }

  #answered(outgoing: ClientRequest, answer: IncomingMessage): void {
    if (this.#isOver) {
      outgoing.destroy();
      return;
    }
    this.#answer = answer;
    answer.on('error', () => this.#brokeOff());
    const { response } = this;
    const headers = answerHeaders(answer);
    if (headers === null || !begin(response, answer, headers)) {
      this.#refuse(ANSWER_INVALID);
      return;
    }
    const length = Number(answer.headers['content-length'] ?? Number.NaN);
    let drains = false;
    let isBegun = false;
    answer.on('data', (chunk: Buffer) => {
      if (this.#isOver) return;
      if (!isBegun && chunk.length === length) {
        isBegun = true;
        // As a string it leaves in one piece with the head, which two buffers do not; byte for byte the same.
        if (length <= MAX_JOINED_BYTES) response.end(chunk.toString('latin1'), 'latin1');
        else response.end(chunk);
        return;
      }
      isBegun = true;
      if (response.write(chunk)) return;
      answer.pause();
      if (drains) return;
      drains = true;
      response.on('drain', () => answer.resume());
    });
    answer.on('end', () => this.#ended(outgoing, answer));
    // What came along with the head goes out in the same packet; a head that has nothing yet goes out by itself.
    process.nextTick(() => {
      if (!isBegun && !this.#isOver && !response.writableEnded) response.flushHeaders();
    });
  }

  #ended(outgoing: ClientRequest, answer: IncomingMessage): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { response, request } = this;
    if (!response.writableEnded) {
      const trailers = answer.rawTrailers.length > 0 ? passedTrailers(answer.rawTrailers) : [];
      if (trailers.length > 0) addTrailers(response, trailers);
      response.end();
    }
    if (outgoing.writableEnded) return;
    // The guest needs no more of the request. Its connection cannot be used again: the rest would still be due on it.
    request.unpipe(outgoing);
    outgoing.destroy();
    this.#discardBody();
  }

  /** The answer is no answer. */
  #refuse(problem: Problem): void {
    this.#owner.failed(this.request, problem);
    this.fail(problem);
  }

  /** The guest's connection ended within an answer: the visitor sees a broken transfer, not a short one. */
  #brokeOff(): void {
    // What comes behind an answer that is whole does it no harm.
    if (this.#isOver || this.#answer?.complete) return;
    this.#isOver = true;
    this.#outgoing?.destroy();
    this.response.destroy();
  }

  #failed(outgoing: ClientRequest, error: Error): void {
    if (this.#isOver || outgoing !== this.#outgoing) return;
    if (this.#answer !== null) {
      this.#brokeOff();
      return;
    }
    this.#outgoing = null;
    const door = this.#door as Door;
    const neverReached = !this.#bodyBegun && isNeverReached(error) && this.#resends < MAX_RESENDS;
    void this.#settle(this.#owner.broken(this, door, error, neverReached));
  }

  async #settle(outcome: Promise<Problem | Door>): Promise<void> {
    const found = await outcome;
    if (this.#isOver) return;
    if (!('agent' in found)) {
      this.fail(found);
      return;
    }
    this.#resends++;
    this.send(found);
  }

  /** The visitor's side is closed, finished or not. */
  #closed(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isLeft = true;
    this.#outgoing?.destroy();
  }

  /** So that a visitor who is still sending gets to read the answer. */
  #discardBody(): void {
    if (!this.request.readableEnded) this.request.unpipe().resume();
  }
}

/**
 * Has the guest surely not handled the request? Nobody listened (`ECONNREFUSED`, `ENOENT`), the connection was closed when the head
 * was written (`EPIPE`), or it was closed with the head unread: on a unix socket only that reads as `ECONNRESET` (unix(7));
 * one that was closed after the head was read has an ordinary end.
 */
function isNeverReached(error: Error): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return (
    code === 'ECONNREFUSED' ||
    code === 'ENOENT' ||
    (code === 'EPIPE' && syscall === 'write') ||
    (code === 'ECONNRESET' && (syscall === 'read' || syscall === 'write'))
  );
}

/**
 * The body of a request, when it is there already and may be kept; null: it has to be streamed. Node reads 64 KiB at a time: with a small
 * head a guest has read all or nothing, so that a connection that was closed still tells whether the head was read (`isNeverReached`).
 */
function wholeBody(request: IncomingMessage): Buffer | null {
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (!(length <= MAX_JOINED_BYTES) || request.readableLength !== length) return null;
  const headLength = request.rawHeaders.reduce(
    (sum, each) => sum + each.length + 4,
    request.url?.length ?? 0,
  );
  if (headLength > MAX_JOINED_BYTES) return null;
  const body = request.read() as Buffer | null;
  request.resume(); // to its end, at which there is nothing more
  return body;
}

/** False: the head cannot be written as it is. */
function begin(
  response: ServerResponse,
  { statusCode = 0, statusMessage }: IncomingMessage,
  headers: string[],
) {
  try {
    if (statusMessage) response.writeHead(statusCode, statusMessage, headers);
    else response.writeHead(statusCode, headers);
    return true;
  } catch {
    return false; // a status or a character that HTTP does not have
  }
}

function addTrailers(message: ClientRequest | ServerResponse, trailers: readonly [string, string][]): void {
  try {
    message.addTrailers(trailers);
  } catch {
    // one that HTTP cannot carry; trailers may be left out
  }
}

function ignore(): void {}
