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

/** Short requests to the log's server, repeated while it is away: a read is safe, an append has its id. */
export function createRequests({ url, token, retryForMs, closed }: RequestsOptions) {
  const dispatcher = new Agent({ connections: CONNECTIONS, headersTimeout: 30_000, bodyTimeout: 30_000 });

  const once = async (method: 'GET' | 'POST', path: string, json?: string): Promise<unknown> => {
    const { statusCode, body } = await request(new URL(path, url), {
      method,
      dispatcher,
      signal: closed,
      headers: {
        authorization: `Bearer ${token}`,
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: json }),
    });
    const text = await body.text();
    if (statusCode === 200 || statusCode === 201) return JSON.parse(text);
    throw errorOfProblem(statusCode, text) ?? strangeAnswer(url, statusCode);
  };

  return {
    /** @throws TabbifyError what the server refused with; `log_unavailable` when it stays away */
    async send(method: 'GET' | 'POST', path: string, json?: string): Promise<unknown> {
      const giveUpAt = performance.now() + retryForMs;
      const backoff = createBackoff();
      while (true) {
        try {
          return await once(method, path, json);
        } catch (error) {
          if (closed.aborted) throw logClosed();
          if (error instanceof TabbifyError) throw error;
          const pauseMs = backoff.nextMs();
          if (performance.now() + pauseMs > giveUpAt) throw away(url, error);
          await delay(pauseMs, undefined, { signal: closed }).catch(() => {}); // closed: the next try says so
        }
      }
    },
    close: () => dispatcher.destroy(),
  };
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
