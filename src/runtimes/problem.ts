import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** What a visitor is told when the app gave no answer (RFC 9457); the shape is that of the node's own problems. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly hint?: string;
  readonly code: string;
}

/** Seconds after which a client that was told 503 may try again. */
const RETRY_AFTER_SEC = '1';

export const SEE_LOGS = 'What it wrote before is in its log: tabbify logs <app>';

export const APP_STOPPING = problem(
  'app_stopping',
  503,
  'App is stopping',
  'This instance of the app is being stopped.',
  'Try again in a second',
);

/** Answers with a problem; nothing of the answer has gone out yet. */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  const body = JSON.stringify(problem);
  const headers: OutgoingHttpHeaders = {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
  };
  if (problem.status === 503) headers['retry-after'] = RETRY_AFTER_SEC;
  response.writeHead(problem.status, headers);
  response.end(body);
}

/** The same for the app's own log, where a pointer to the log would be odd. */
export function logTextOf({ detail, hint }: Problem): string {
  return hint === undefined || hint === SEE_LOGS ? detail : `${detail} ${hint}`;
}

/** @param code last part of the problem's type */
export function problem(code: string, status: number, title: string, detail: string, hint?: string): Problem {
  return {
    type: `urn:tabbify:problem:${code}`,
    title,
    status,
    detail,
    ...(hint === undefined ? {} : { hint }),
    code,
  };
}
