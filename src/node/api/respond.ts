import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from '../../kit/index.ts';
import { nodeError } from '../errors.ts';
import { PROBLEM_JSON, type Problem, problemOf } from '../problem.ts';
import { retryAfterOf } from '../retry-after.ts';
import type { ApiEnv } from './context.ts';

/** Turns whatever a route threw into problem+json; what nobody foresaw goes into the log. */
export function problemResponses(logger: Logger): ErrorHandler<ApiEnv> {
  return (thrown, c) => {
    const error = told(thrown);
    const problem = problemOf(error);
    if (problem.status >= 500) logger.error({ err: error, path: c.req.path }, 'request failed');
    const response = problemResponse(error);
    // A body that was not read to its end takes the connection with it; say so, or the next request meets the end.
    if (c.env.incoming?.complete === false) response.headers.set('connection', 'close');
    return response;
  };
}

/** What a route threw, as the caller is told of it. */
export function problemOfThrown(thrown: unknown): Problem {
  return problemOf(told(thrown));
}

/** An error as a response. */
export function problemResponse(error: unknown): Response {
  const problem = problemOf(error);
  const retryAfter = retryAfterOf(error);
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'content-type': PROBLEM_JSON,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(problem.status === 401 && { 'www-authenticate': 'Bearer realm="tabbify"' }),
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
    },
  });
}

function told(thrown: unknown): unknown {
  return thrown instanceof HTTPException ? ofFramework(thrown) : thrown;
}

/** A body that is no JSON and the like, found out by the framework itself. */
function ofFramework(error: HTTPException) {
  return nodeError(error.status === 413 ? 'body_too_large' : 'request_invalid', {
    what: error.message || 'The request cannot be read',
    hint: 'The shapes are described at /docs',
    cause: error,
  });
}
