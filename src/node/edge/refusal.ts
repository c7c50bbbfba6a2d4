import type { IncomingMessage, ServerResponse } from 'node:http';
import { PROBLEM_JSON, type Problem, problemOf } from '../problem.ts';
import { retryAfterOf } from '../retry-after.ts';
import { PATH_MOUNT_POLICY } from './response-head.ts';

/** What a refusal needs besides the error itself. */
export interface RefusalOptions {
  readonly underPathMount?: boolean;
}

const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

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
  const body = Buffer.from(html ? pageOf(problem) : JSON.stringify(problem));
  const headers: Record<string, string | number> = {
    'Content-Type': html ? 'text/html; charset=utf-8' : PROBLEM_JSON,
    'Content-Length': body.length,
    'Content-Security-Policy': options.underPathMount ? `${PAGE_POLICY}, ${PATH_MOUNT_POLICY}` : PAGE_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    Vary: 'Accept',
  };
  if (problem.status === 401) headers['WWW-Authenticate'] = 'Bearer realm="tabbify"';
  const retryAfter = retryAfterOf(error);
  if (retryAfter !== undefined) headers['Retry-After'] = retryAfter;
  response.writeHead(problem.status, headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}

function pageOf(problem: Problem): string {
  const hint = problem.hint === undefined ? '' : `<p><strong>${escaped(problem.hint)}</strong></p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(problem.title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}
@media(prefers-color-scheme:dark){body{background:#111;color:#eee}}small{opacity:.6}</style></head>
<body><h1>${escaped(problem.title)}</h1><p>${escaped(problem.detail)}</p>${hint}
<small>${problem.status} ${escaped(problem.code)}</small></body></html>
`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
