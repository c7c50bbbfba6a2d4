import { TabbifyError } from '../kit/index.ts';
import { nodeError } from './errors.ts';

/** The error body of every route (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly hint?: string;
  readonly code: string;
}

export const PROBLEM_TYPE = 'application/problem+json';

/**
 * Turns anything that was thrown into the body a caller may see. What nobody foresaw becomes `internal_error`
 * without its message: that one belongs into the log.
 */
export function problemOf(error: unknown): Problem {
  const known =
    error instanceof TabbifyError
      ? error
      : nodeError('internal_error', {
          what: 'The office could not finish this request',
          hint: 'See the log of the node; the request may be sent again',
          cause: error,
        });
  return {
    type: `urn:tabbify:problem:${known.code}`,
    title: known.title,
    status: known.status,
    detail: known.message,
    ...(known.hint === undefined ? {} : { hint: known.hint }),
    code: known.code,
  };
}
