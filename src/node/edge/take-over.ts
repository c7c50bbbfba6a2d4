import type { ServerResponse } from 'node:http';
import type { RequestHead } from '../../runner/index.ts';
import type { EdgeSessions } from './edge-sessions.ts';
import { codeVoid, cookieNotKept } from './known-refusals.ts';
import { HAND_OVER_PATH } from './mount.ts';
import type { Passage } from './passage.ts';

/**
 * Answers `/_tabbify/session` of an app's own host: `?code=` becomes the app's cookie, and `?to=` sees whether the browser
 * kept it before it goes on, or it would be sent to and fro for ever. The app learns of neither.
 *
 * @param origin of the app's own host
 * @throws TabbifyError `code_void`, `credential_missing`
 */
export function takeOver(
  sessions: EdgeSessions,
  origin: string,
  response: ServerResponse,
  { app, target }: Passage,
  head: RequestHead,
): void {
  const query = new URLSearchParams(target.slice(target.indexOf('?') + 1));
  const code = query.get('code');
  if (code === null) {
    if (sessions.ofApp(head.officeCookies, app, head.host) === null) throw cookieNotKept(app.slug);
    sendOn(response, within(origin, query.get('to') ?? '/'));
    return;
  }
  const handedOver = sessions.redeem(code, app, head.host);
  if (handedOver === null) throw codeVoid();
  const next = `${HAND_OVER_PATH}?to=${encodeURIComponent(handedOver.target)}`;
  sendOn(response, next, { 'Set-Cookie': handedOver.setCookie });
}

/** Sends a browser on; nobody keeps the answer or hears where it came from. */
export function sendOn(
  response: ServerResponse,
  location: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(303, {
    ...headers,
    Location: location,
    'Content-Length': 0,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end();
}

/** A target at this origin; anything that leads elsewhere is its front page. In full: a path may look like another host. */
function within(origin: string, target: string): string {
  const url = target.startsWith('/') ? URL.parse(target, origin) : null;
  return url?.origin === new URL(origin).origin ? url.href : `${origin}/`;
}
