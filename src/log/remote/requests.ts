import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import { logClosed, logError } from '../errors.ts';
import { errorOfProblem } from '../problem.ts';
import { createBackoff } from './backoff.ts';

/** Connections for appends and reads; what is beyond waits in line, as one disk is behind them anyway. */
const CONNECTIONS = 32;

export interface RequestsOptions {
  readonly url: string;
  readonly token: string;
  /** Milliseconds for which a request is repeated while the server cannot be reached. */
  readonly retryForMs: number;
  /** Aborts when the log is closed. */
  readonly closed: AbortSignal;
}

/** One request: what is not said is a GET without a body about the office of the credential. */
export interface LogRequest {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: string | Uint8Array;
  /** Of the body; default JSON. */
  readonly mediatype?: string;
  /** Office that is meant, where the credential may pick one. */
  readonly office?: string | undefined;
}

/** Short requests to the log's server, repeated while it is away: a read is safe, an append has its id. */
export function createRequests({ url, token, retryForMs, closed }: RequestsOptions) {
  const dispatcher = new Agent({ connections: CONNECTIONS, headersTimeout: 30_000, bodyTimeout: 30_000 });

  const once = async ({ method = 'GET', path, body, mediatype, office }: LogRequest): Promise<Uint8Array> => {
    const answer = await request(new URL(path, url), {
      method,
      dispatcher,
      signal: closed,
      headers: {
        authorization: `Bearer ${token}`,
        ...(office !== undefined && { 'tabbify-office': office }),
        ...(body !== undefined && { 'content-type': mediatype ?? 'application/json' }),
      },
      ...(body !== undefined && { body }),
    });
    const bytes = await answer.body.bytes();
    if (answer.statusCode === 200 || answer.statusCode === 201) return bytes;
    throw errorOfProblem(answer.statusCode, textOf(bytes)) ?? strangeAnswer(url, answer.statusCode);
  };
  /** @throws TabbifyError what the server refused with; `log_unavailable` when it stays away */
  const send = async (asked: LogRequest): Promise<Uint8Array> => {
    const giveUpAt = performance.now() + retryForMs;
    const backoff = createBackoff();
    while (true) {
      try {
        return await once(asked);
      } catch (error) {
        if (closed.aborted) throw logClosed();
        if (error instanceof TabbifyError) throw error;
        const pauseMs = backoff.nextMs();
        if (performance.now() + pauseMs > giveUpAt) throw away(url, error);
        await delay(pauseMs, undefined, { signal: closed }).catch(() => {}); // closed: the next try says so
      }
    }
  };
  return {
    send,
    /** The answer as JSON. */
    json: async (asked: LogRequest): Promise<unknown> => JSON.parse(textOf(await send(asked))),
    close: () => dispatcher.destroy(),
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

/** An answer that is not of the log: a proxy in front, or another program behind this address. */
export function strangeAnswer(url: string, status: number) {
  return logError('log_unavailable', {
    what: `The log at ${url} cannot be used`,
    why: `it answered ${status} without saying why`,
    hint: 'Check that the address is that of an office, and what stands in front of it',
  });
}

function away(url: string, cause: unknown) {
  return logError('log_unavailable', {
    what: `The log at ${url} cannot be reached`,
    why: messageOf(cause),
    hint: 'Check that the office runs; an append may be repeated with the same id',
    cause,
  });
}
