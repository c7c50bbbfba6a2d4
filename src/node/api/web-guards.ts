import type { Principal } from '../credentials/principal.ts';
import { originOf, type Place } from '../edge/addresses.ts';
import { nodeError } from '../errors.ts';
import { cookieOf, OFFICE_COOKIE } from '../sessions/cookies.ts';
import type { Sessions, SignedIn } from '../sessions/sessions.ts';
import type { ApiContext } from './context.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Who is signed in with the browser that asks; null: nobody. */
export function signedInBy(c: ApiContext, sessions: Pick<Sessions, 'byCookie'>): SignedIn | null {
  const cookie = cookieOf(OFFICE_COOKIE, c.req.header('cookie'));
  return cookie === null ? null : sessions.byCookie(cookie);
}

/**
 * A call by cookie comes from the office's own pages (CONTRACTS §7): one that changes something names their origin, and
 * none is asked for by a page of another one, also not one of the same site.
 *
 * @throws origin_foreign
 */
export function requireOwnPage(c: ApiContext, place: Place): void {
  const own = originOf(place, c.req.header('host') ?? '');
  const from = c.req.header('origin');
  const site = c.req.header('sec-fetch-site');
  const isNear = site === undefined || site === 'same-origin' || site === 'none';
  if (isNear && (from === own || (from === undefined && SAFE.has(c.req.method)))) return;
  throw nodeError('origin_foreign', {
    what: 'Only the office’s own pages may ask in the name of who is signed in',
    why:
      from === undefined
        ? `the request does not say that it comes from ${own}`
        : `the request comes from ${from}`,
    hint: 'Open the office itself, or call the API with `Authorization: Bearer <token>`',
  });
}

/** @throws not_allowed for whoever asks by a session: what opens another browser is for who holds the credential */
export function requireBearer(c: ApiContext): Principal {
  if (c.get('session') === null) return c.get('principal');
  throw nodeError('not_allowed', {
    what: 'A browser that is signed in cannot sign in another one',
    why: 'a sign-in link is made for who holds the credential itself',
    hint: 'Use `tabbify login` where the credential is',
  });
}
