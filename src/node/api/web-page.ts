import { refusalPage } from '../edge/refusal.ts';
import { PAGE_POLICY, type PageContent, page } from '../page.ts';
import { problemOf } from '../problem.ts';
import { retryAfterOf } from '../retry-after.ts';

/**
 * Headers of the pages on which people sign in. The referrer stays within the office: a form of a page without any says
 * `Origin: null`.
 */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': PAGE_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

export function webPage(content: PageContent, status = 200): Response {
  return new Response(page(content), { status, headers: HEADERS });
}

/** A refusal as a page. */
export function webRefusal(error: unknown): Response {
  const problem = problemOf(error);
  const retryAfter = retryAfterOf(error);
  const more = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return new Response(refusalPage(error, problem), {
    status: problem.status,
    headers: { ...HEADERS, ...more },
  });
}

/** Sends a browser on. @param location in full, or a path that begins with one slash */
export function sendBrowser(location: string, setCookie?: string): Response {
  const { 'content-type': _, ...headers } = HEADERS;
  return new Response(null, {
    status: 303,
    headers: { ...headers, location, ...(setCookie !== undefined && { 'set-cookie': setCookie }) },
  });
}
