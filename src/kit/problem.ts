import type { TabbifyError } from './error.ts';

/** An error as it crosses HTTP: RFC 9457 `application/problem+json`, with the code and the next action beside it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly hint?: string;
}

export const PROBLEM_JSON = 'application/problem+json';

export function problemOf(error: TabbifyError): Problem {
  return {
    type: `urn:tabbify:problem:${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.message,
    code: error.code,
    ...(error.hint !== undefined && { hint: error.hint }),
  };
}
