import type { IncomingMessage } from 'node:http';

const SAFE = new Set(['GET', 'HEAD']);

/**
 * Is a browser loading this as a page of a tab of its own? Where it does not say so (plain HTTP at a name that is not of
 * this machine gets no `Sec-Fetch-*`), who asks for HTML does.
 */
export function isPageLoad({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' || headers.upgrade !== undefined) return false;
  const mode = headers['sec-fetch-mode'];
  if (mode === undefined) return (headers.accept ?? '').includes('text/html');
  const into = headers['sec-fetch-dest'];
  return mode === 'navigate' && (into === undefined || into === 'document');
}

/**
 * May a request that shows a cookie be answered? It may if it comes from a page of the same origin, or loads a page: what a
 * site next door asks for, whose requests carry the cookie all the same (`SameSite` knows sites, not origins), may not.
 *
 * @param origin of the host that is asked
 */
export function isAppsOwnPage({ method, headers }: IncomingMessage, origin: string): boolean {
  const { origin: from, 'sec-fetch-site': site } = headers;
  if (headers.upgrade !== undefined) return from === origin;
  const isSafe = SAFE.has(method ?? '');
  const into = headers['sec-fetch-dest'];
  if (isSafe && headers['sec-fetch-mode'] === 'navigate' && (into === undefined || into === 'document'))
    return true;
  // a page with `Referrer-Policy: no-referrer` posts its own forms with `Origin: null` (Fetch §3.2.5)
  if (site === 'same-origin') return from === undefined || from === 'null' || from === origin;
  if (site !== undefined && site !== 'none') return false;
  return from === undefined ? isSafe : from === origin;
}
