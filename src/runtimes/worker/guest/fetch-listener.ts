import type { IncomingMessage, RequestListener } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { report } from '../../boxed/guest/report.ts';
import { type Problem, problem, SEE_LOGS } from '../../problem.ts';
import type { Background } from './background.ts';
import type { FetchHandler } from './entry.ts';
import { mendWebGlobals } from './web-globals.ts';

/**
 * A listener for a `node:http` server that answers by a handler of the web's kind. Bodies stream both ways; `request.signal` fires
 * when the client goes; what the handler throws is answered 500 and written to stderr.
 *
 * Called before the app is loaded: it puts a `Request` and a `Response` in front of Node's own that wrap its messages without a copy.
 *
 * @returns takes the handler and its `env`; a handler's third argument is an execution context with `waitUntil`
 */
export function prepareFetchListener(
  background: Background,
): (handle: FetchHandler, env: Readonly<Record<string, string>>) => RequestListener {
  const { Request, Response, fetch } = globalThis;
  let answer: ((request: Request) => unknown) | null = null;
  const listener = getRequestListener((request) => answer?.(request), {
    errorHandler: (error) => problemResponse(problemOf(error)),
  });
  mendWebGlobals({ Request, Response, fetch });

  const context = {
    waitUntil: (work: unknown) => background.add(work),
    passThroughOnException: () => {},
    props: {},
  };
  return (handle, env) => {
    answer = (request) => {
      const answered: unknown = handle(request, env, context);
      return isThenable(answered) ? answered.then(asResponse) : asResponse(answered);
    };
    return (incoming, outgoing) => {
      incoming.url = targetOf(incoming);
      return listener(incoming, outgoing);
    };
  };
}

/**
 * The target of a request, with the scheme that the visitor used where that is not `http`: the edge in front overwrites
 * `X-Forwarded-Proto`, so it can be believed.
 */
function targetOf({ url = '/', headers }: IncomingMessage): string {
  const { host = '' } = headers;
  if (headers['x-forwarded-proto'] !== 'https' || !url.startsWith('/') || !/^[\w.:[\]-]+$/.test(host))
    return url;
  return `https://${host}${url}`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** @throws TypeError for what has not the shape of a response */
function asResponse(answer: unknown): unknown {
  if (typeof answer === 'object' && answer !== null && 'status' in answer && 'headers' in answer)
    return answer;
  const found = answer === null || answer === undefined ? String(answer) : `a value of type ${typeof answer}`;
  throw new TypeError(`fetch returned ${found} where a Response is due`);
}

function problemOf(error: unknown): Problem {
  if (error instanceof RequestError) {
    return problem('request_invalid', 400, 'Request not understood', `${error.message}.`);
  }
  report(error);
  const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return problem(
    'app_error',
    500,
    'App answered with an error',
    `The app answered with the error ${told}.`,
    SEE_LOGS,
  );
}

function problemResponse(told: Problem): Response {
  const headers = { 'content-type': 'application/problem+json' };
  return new Response(JSON.stringify(told), { status: told.status, headers });
}
