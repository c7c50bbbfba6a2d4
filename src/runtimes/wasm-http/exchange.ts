import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Problem, sendProblem } from '../problem.ts';
import { answeredError, NO_RESPONSE, RESPONSE_INCOMPLETE, WRONG_LENGTH } from './problems.ts';
import type { Variant } from './wasi/failure.ts';
import type { BodyBuffer, BodyEnd } from './wasi/http/body-buffer.ts';
import { type MessageHead, messageHead } from './wasi/http/message-head.ts';
import type { OutgoingResponse } from './wasi/http/outgoing-response.ts';
import type { ResponseTaker } from './wasi/http/response-outparam.ts';

interface Head extends MessageHead {
  readonly status: number;
}

/**
 * One request and its response. The head waits one turn of the event loop: an answer that is whole by then leaves in one
 * piece with its length, any other is streamed.
 */
export class Exchange implements ResponseTaker {
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #onGone: Array<() => void> = [];
  #isGone = false;
  #buffer: BodyBuffer | null = null;
  #isSettled = false;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.#response = response;
    request.on('error', ignore); // a client that leaves is no event of ours; the streams see it by themselves
    response.on('error', ignore);
    response.once('close', () => this.#closed());
  }

  /** The client has left, or has been sent away, before its answer was whole. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Calls back when the client leaves early; at once when it has left. */
  onGone(callback: () => void): void {
    if (this.#isGone) callback();
    else this.#onGone.push(callback);
  }

  respond(answer: OutgoingResponse): void {
    if (this.#isSettled || this.#isGone) {
      answer.buffer.close();
      return;
    }
    const { buffer } = answer;
    this.#buffer = buffer;
    if (!answer.hasBody) buffer.finish();
    const { status, entries } = answer.head;
    const fields = messageHead(entries);
    if (fields === null) {
      this.fail(WRONG_LENGTH);
      return;
    }
    const head: Head = { status, ...fields };
    if (this.#hasNoBody(head.status)) {
      this.#sendHeadAlone(head, buffer);
      return;
    }
    buffer.expect(head.contentLength, (end) => this.#bodyEnded(head, buffer, end));
    if (buffer.isFinished)
      this.#bodyEnded(head, buffer, lengthFits(head, buffer) ? 'complete' : 'wrong_length');
    else setImmediate(() => this.#stream(head, buffer));
  }

  respondError(code: Variant): void {
    this.fail(answeredError(code.tag));
  }

  /** The guest has returned: what it has left open is broken off. @returns the problem, null when all is well */
  settle(): Problem | null {
    if (this.#isSettled || this.#isGone) return null;
    const problem = this.#buffer === null ? NO_RESPONSE : RESPONSE_INCOMPLETE;
    this.fail(problem);
    return problem;
  }

  /** Answers with a problem, or breaks the connection when a head has gone out already. */
  fail(problem: Problem): void {
    this.#buffer?.close();
    if (this.#isSettled || this.#isGone) return;
    this.#isSettled = true;
    if (this.#response.headersSent) {
      this.#response.destroy();
      return;
    }
    sendProblem(this.#response, problem);
  }

  #stream(head: Head, buffer: BodyBuffer): void {
    if (this.#isSettled || this.#isGone || this.#response.headersSent) return;
    this.#response.writeHead(head.status, head.headers);
    const gathered = buffer.takeGathered();
    if (gathered.length > 0) this.#response.write(gathered);
    else this.#response.flushHeaders();
    buffer.attach(this.#response);
  }

  #bodyEnded(head: Head, buffer: BodyBuffer, end: BodyEnd): void {
    if (this.#isSettled || this.#isGone || end === 'abandoned') return; // what is left open is seen when the guest returns
    if (end === 'wrong_length') {
      this.fail(WRONG_LENGTH);
      return;
    }
    this.#isSettled = true;
    if (this.#response.headersSent) {
      this.#response.end();
      return;
    }
    const body = buffer.takeGathered();
    if (head.contentLength === null) head.headers.push('content-length', String(body.length));
    this.#response.writeHead(head.status, head.headers);
    this.#response.end(body);
  }

  /** Answers that carry no body whatever the guest writes (RFC 9110 §6.4.1). */
  #hasNoBody(status: number): boolean {
    return this.request.method === 'HEAD' || status === 204 || status === 304;
  }

  #sendHeadAlone(head: Head, buffer: BodyBuffer): void {
    this.#isSettled = true;
    buffer.takeGathered();
    buffer.attach('discard');
    const headers = head.status === 204 ? without(head.headers, 'content-length') : head.headers;
    this.#response.writeHead(head.status, headers);
    this.#response.end();
  }

  #closed(): void {
    if (this.#response.writableFinished) return;
    this.#isGone = true;
    this.#buffer?.close();
    for (const callback of this.#onGone) callback();
  }
}

function lengthFits(head: Head, buffer: BodyBuffer): boolean {
  return head.contentLength === null || head.contentLength === buffer.written;
}

function without(headers: readonly string[], name: string): string[] {
  return headers.filter((_, index) => headers[index - (index % 2)] !== name);
}

function ignore(): void {}
