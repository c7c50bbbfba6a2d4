import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import { type Duplex, pipeline } from 'node:stream';
import { messageOf, TabbifyError } from '../kit/index.ts';
import type { AppChannel } from './channel.ts';
import { egressError } from './errors.ts';
import { endToEndHeaders } from './hop-by-hop.ts';
import { problemOf } from './problem.ts';

const HTTP_PORT = 80;
/** Fields of a request that are of its next connection: they are written anew, whatever the app has said of them. */
export const WRITTEN_ANEW: readonly string[] = ['host', 'expect', 'content-length'];
/** Methods whose requests need not say that they have no body (RFC 9110 §8.6). */
const WITHOUT_BODY = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'];

/** Where a request goes on to. */
export interface Onward {
  /** Opens the connection. */
  readonly dial: (signal: AbortSignal) => Promise<Duplex>;
  /** For the field `host`. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
  /** Names and values in turn, without those of the connection. */
  readonly headers: readonly string[];
}

/** Passes a request in absolute form (`GET http://host/path`) on to its host. */
export function forwardRequest(
  channel: AppChannel,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = URL.parse(request.url ?? '');
  const isForProxies = url?.protocol === 'http:' && url.username === '' && url.password === '';
  const host = url?.hostname.startsWith('[') ? url.hostname.slice(1, -1) : (url?.hostname ?? '');
  return passOn(request, response, {
    dial: async (signal) => {
      if (!isForProxies) throw notForProxies(request);
      return channel.dial({ host, port: Number(url.port || HTTP_PORT) }, signal);
    },
    authority: url?.host ?? '',
    path: `${url?.pathname}${url?.search}`,
    headers: endToEndHeaders(request.rawHeaders, WRITTEN_ANEW),
  });
}

/**
 * Passes a request on, and the answer back; streams both ways. An error before the answer's head is a problem+json, one behind
 * it breaks the connection. Never rejects.
 */
export async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  { dial, authority, path, headers }: Onward,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.on('error', () => {}); // its close says the rest
  request.on('error', () => {});
  try {
    const stream = await dial(gone.signal);
    if (gone.signal.aborted) {
      stream.destroy();
      return;
    }
    const onward = httpRequest({
      method: request.method,
      path,
      headers: ['host', authority, 'connection', 'close', ...headers, ...framingOf(request)],
      createConnection: () => stream,
    });
    gone.signal.addEventListener('abort', () => onward.destroy());
    carry(request, response, onward, authority);
  } catch (error) {
    answerProblem(response, error);
  }
}

/** Sends the body on, and what comes back as the answer. @param authority for the words of an error */
export function carry(
  request: IncomingMessage,
  response: ServerResponse,
  onward: ClientRequest,
  authority: string,
): void {
  let isAnswered = false;
  onward.on('response', (answer) => {
    isAnswered = true;
    passBack(answer, response);
  });
  onward.on('error', (error) => {
    if (!isAnswered) answerProblem(response, broken(authority, error)); // else the answer tells how it ended
  });
  onward.on('close', () => {
    if (!isAnswered && !response.headersSent)
      answerProblem(response, broken(authority, new Error('what it speaks is no HTTP any more')));
  });
  pipeline(request, onward, () => {});
}

/** How the body ends: by its length, which goes along, or in chunks; without a word node would choose by the method. */
export function framingOf({ headers, method = 'GET' }: IncomingMessage): string[] {
  const { 'content-length': length } = headers;
  if (length !== undefined) return ['content-length', length];
  if (headers['transfer-encoding'] !== undefined) return ['transfer-encoding', 'chunked'];
  return WITHOUT_BODY.includes(method) ? [] : ['content-length', '0'];
}

/** Answers with what a request to the channel's socket did wrong, or what it met. */
export function answerProblem(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { status, type, body } = problemOf(asProblem(error));
  response.writeHead(status, STATUS_CODES[status] ?? '', {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    connection: 'close', // what is left of the request's body is not read
  });
  response.end(body);
}

/** What a channel throws is one already. */
export function asProblem(error: unknown): TabbifyError {
  if (error instanceof TabbifyError) return error;
  return egressError('egress_unreachable', {
    what: 'The connection was not made',
    why: messageOf(error),
    hint: 'Try again',
    cause: error,
  });
}

export function notForProxies({ method, url }: IncomingMessage): TabbifyError {
  return egressError('egress_request_invalid', {
    what: `${JSON.stringify(`${method} ${url}`.slice(0, 200))} names no place`,
    why: 'this socket is a proxy: it takes CONNECT host:port, and requests for http:// in absolute form',
    hint: 'Use CONNECT for anything else, https:// too',
  });
}

export function passBack(answer: IncomingMessage, response: ServerResponse): void {
  const { statusCode = 0, statusMessage = '', rawHeaders } = answer;
  try {
    response.writeHead(statusCode, statusMessage, endToEndHeaders(rawHeaders));
  } catch (error) {
    answer.destroy(); // a status or a character that HTTP does not have
    answerProblem(response, error);
    return;
  }
  response.flushHeaders();
  pipeline(answer, response, () => {});
}

export function broken(authority: string, error: Error): TabbifyError {
  return egressError('egress_unreachable', {
    what: `${authority} gave no answer`,
    why: messageOf(error),
    hint: 'Try again',
    cause: error,
  });
}
