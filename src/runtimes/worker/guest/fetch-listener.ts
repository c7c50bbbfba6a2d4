import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { report } from '../../boxed/guest/report.ts';
import { type Problem, problem, SEE_LOGS } from '../../problem.ts';
import type { Background } from './background.ts';
import type { FetchHandler } from './entry.ts';
import { lightResponses } from './light-response.ts';
import { type Answer, isFramed, sendResponse } from './send-response.ts';
import { mendRequest, mendWebGlobals } from './web-globals.ts';

/** Takes a handler and its `env`. */
export type UseFetch = (handle: FetchHandler, env: Readonly<Record<string, string>>) => RequestListener;

/**
 * A listener for a `node:http` server that answers by a handler of the web's kind. Bodies stream both ways; `request.signal` fires
 * when the client goes; what the handler throws is answered 500 and written to stderr.
 *
 * Called before the app is loaded: it puts a `Request` and a `Response` in front of Node's own, which cost less to take and to answer.
 *
 * @returns takes the handler and its `env`; a handler's third argument is an execution context with `waitUntil`
 */
export function prepareFetchListener(background: Background): UseFetch {
  const { Request, Response, fetch } = globalThis;
  const light = lightResponses(Response);
  const problemResponse = (told: Problem) =>
    new Response(JSON.stringify(told), {
      status: told.status,
      headers: { 'content-type': 'application/problem+json' },
    });
  let answer: ((request: Request) => unknown) | null = null;
  let isMended = false;
  const listener = getRequestListener(
    (request, { outgoing }) => {
      if (!isMended) mendRequest(request);
      isMended = true;
      const answered = answer?.(request);
      const to = outgoing as ServerResponse;
      return isThenable(answered) ? answered.then((value) => wireOf(value, to)) : wireOf(answered, to);
    },
    { errorHandler: (error) => problemResponse(problemOf(error)) },
  );
  const AdapterResponse = globalThis.Response;
  mendWebGlobals({ Request, Response, fetch }, light);

  /**
   * The adapter writes what is whole and plain; all else is written here. Of its own rules for types and lengths none comes to
   * bear: it is given the fields as they are to be.
   */
  function wireOf(answered: unknown, outgoing: ServerResponse): unknown {
    const answer = asAnswer(answered);
    const parts = light.partsOf(answer);
    if (
      parts !== null &&
      parts.body !== null &&
      !(parts.fields instanceof Headers) &&
      !isFramed(parts.fields)
    ) {
      const { status, fields, body } = parts;
      return new AdapterResponse(body as string, { status, headers: fields });
    }
    sendResponse(answer, light, outgoing);
    return ALREADY_SENT;
  }

  const context = {
    waitUntil: (work: unknown) => background.add(work),
    passThroughOnException: () => {},
    props: {},
  };
  return (handle, env) => {
    answer = (request) => handle(request, env, context);
    return (incoming, outgoing) => {
      incoming.url = targetOf(incoming);
      return listener(incoming, outgoing);
    };
  };
}

/** Tells the adapter that an answer has been written (its `RESPONSE_ALREADY_SENT`, which takes longer to read). */
const ALREADY_SENT = {
  status: 200,
  body: null,
  headers: Object.assign(new Headers(), {
    has: () => false,
    [Symbol.iterator]: () => [['x-hono-already-sent', 'true']][Symbol.iterator](),
  }),
};

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
function asAnswer(answered: unknown): Answer {
  if (typeof answered === 'object' && answered !== null && 'status' in answered && 'headers' in answered)
    return answered as unknown as Answer;
  const found =
    answered === null || answered === undefined ? String(answered) : `a value of type ${typeof answered}`;
  throw new TypeError(`fetch returned ${found} where a Response is due`);
}

let isHiding = false;

/** From now on visitors are not told what the app has thrown. */
export function hideErrors(): void {
  isHiding = true;
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
    isHiding
      ? 'The app answered with an error, which its log has.'
      : `The app answered with the error ${told}.`,
    SEE_LOGS,
  );
}
