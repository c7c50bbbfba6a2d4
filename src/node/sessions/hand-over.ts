import type { ForwardClock } from '../credentials/forward-clock.ts';
import type { EdgeApp } from '../edge/app-directory.ts';
import type { EdgeCredential } from '../edge/edge-credential.ts';
import type { EdgeSessions } from '../edge/edge-sessions.ts';
import { standingOf } from '../edge-credentials.ts';
import type { AppCookies } from './app-cookie.ts';
import { APP_COOKIE, cookieOf, cookieText, OFFICE_COOKIE } from './cookies.ts';
import { oneUseCodes } from './one-use-codes.ts';
import type { Sessions, SignedIn } from './sessions.ts';

/** Brings a browser that is signed in at the office to an app's own host, where the office's cookie does not go. */
export interface HandOver extends EdgeSessions {
  /**
   * A code that the edge takes once, within a minute, for this app at this host, while the session lasts.
   *
   * @param host as the browser will name it
   * @param target path at the app, query included
   */
  code(session: string, app: EdgeApp, host: string, target: string): string;
}

/** A browser follows a redirect at once; a minute is for slow networks. */
const LIMITS = { lifeMs: 60_000, most: 10_000 };

interface Way {
  readonly session: string;
  readonly app: string;
  readonly host: string;
  readonly target: string;
}

export function createHandOver(
  sessions: Pick<Sessions, 'byCookie' | 'byId'>,
  cookies: AppCookies,
  clock: ForwardClock,
): HandOver {
  const codes = oneUseCodes<Way>(clock, LIMITS);
  const known = new WeakMap<SignedIn, EdgeCredential>(); // made once a session, not once a request
  const credentialOf = (signedIn: SignedIn | null): EdgeCredential | null => {
    if (signedIn === null) return null;
    const before = known.get(signedIn);
    if (before !== undefined) return before;
    const { principal } = signedIn;
    const made: EdgeCredential = {
      principal,
      ended: principal.ended,
      standing: (app) => standingOf(principal, app),
    };
    known.set(signedIn, made);
    return made;
  };

  return {
    code: (session, app, host, target) =>
      codes.issue({ session, app: app.id, host: host.toLowerCase(), target }).code,
    ofApp(pairs, app, host) {
      const value = cookieOf(APP_COOKIE, pairs);
      const session = value === null ? null : cookies.opened(value, app.id, host.toLowerCase());
      return session === null ? null : credentialOf(sessions.byId(session));
    },
    ofOffice(pairs) {
      const value = cookieOf(OFFICE_COOKIE, pairs);
      return value === null ? null : credentialOf(sessions.byCookie(value));
    },
    redeem(code, app, host) {
      const way = codes.redeem(code);
      if (way === null || way.app !== app.id || way.host !== host.toLowerCase()) return null;
      const signedIn = sessions.byId(way.session);
      if (signedIn === null || standingOf(signedIn.principal, app) !== 'opens') return null;
      const lastsSec = (Date.parse(signedIn.session.expiresAt) - clock.now()) / 1000;
      const value = cookies.sealed(way.session, app.id, way.host);
      return { setCookie: cookieText(APP_COOKIE, value, lastsSec), target: way.target };
    },
  };
}
