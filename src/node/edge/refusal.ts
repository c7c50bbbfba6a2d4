import type { IncomingMessage, ServerResponse } from 'node:http';
import { TabbifyError } from '../../kit/index.ts';
import { PAGE_POLICY, page } from '../page.ts';
import { PROBLEM_JSON, type Problem, problemOf } from '../problem.ts';
import { retryAfterOf } from '../retry-after.ts';
import { PATH_MOUNT_POLICY } from './response-head.ts';

/** What a refusal needs besides the error itself. */
export interface RefusalOptions {
  readonly underPathMount?: boolean;
}

/** Answers in the edge's own name: a small page for a browser, problem+json for everyone else. */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  options: RefusalOptions = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = problemOf(error);
  const html = (request.headers.accept ?? '').includes('text/html');
  const body = Buffer.from(html ? refusalPage(error, problem) : JSON.stringify(problem));
  const headers: Record<string, string | number> = {
    'Content-Type': html ? 'text/html; charset=utf-8' : PROBLEM_JSON,
    'Content-Length': body.length,
    'Content-Security-Policy': options.underPathMount ? `${PAGE_POLICY}, ${PATH_MOUNT_POLICY}` : PAGE_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    Vary: 'Accept',
  };
  if (problem.status === 401) headers['WWW-Authenticate'] = 'Bearer realm="tabbify"';
  if (problem.status === 405) headers.Allow = 'GET, HEAD'; // RFC 9110 §15.5.6
  const retryAfter = retryAfterOf(error);
  if (retryAfter !== undefined) headers['Retry-After'] = retryAfter;
  response.writeHead(problem.status, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** What happened as the heading, why below it, what to do set apart. */
export function refusalPage(error: unknown, problem: Problem): string {
  const told = error instanceof TabbifyError ? error : null;
  return page({
    title: told?.what ?? problem.title,
    paragraphs: told?.why === undefined ? [] : [sentence(told.why)],
    ...(problem.hint === undefined ? {} : { action: sentence(problem.hint) }),
    foot: `${problem.status} ${problem.code}`,
  });
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
