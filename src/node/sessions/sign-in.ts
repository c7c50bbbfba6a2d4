import type { Authenticator } from '../credentials/authenticator.ts';
import type { ForwardClock } from '../credentials/forward-clock.ts';
import type { Principal } from '../credentials/principal.ts';
import { isToken } from '../credentials/token.ts';
import { nodeError } from '../errors.ts';
import { withRetryAfter } from '../retry-after.ts';
import { limitGuesses, WAIT_MS } from './guesses.ts';
import { type IssuedCode, oneUseCodes } from './one-use-codes.ts';
import { requirePerson, type Sessions, type StartedSession } from './sessions.ts';

/** A link is meant to be opened at once, or to be carried to another machine. */
export const LINK_LIFE_SEC = 5 * 60;
const LIMITS = { lifeMs: LINK_LIFE_SEC * 1000, most: 1_000 };

/** What somebody shows who signs in with a browser. */
export type Shown = { readonly code: string } | { readonly token: string };

/** The ways to a session: by a link that works once, or by showing the credential itself. */
export interface SignIn {
  /** A code that signs a browser in as this person, once, while the credential lasts. @throws not_allowed */
  code(principal: Principal): IssuedCode;
  /** Whom a code would sign in; it is not used up. @throws too_many_tries, code_void */
  whose(code: string, remote: string): Principal;
  /**
   * @param remote address of who tries
   * @throws too_many_tries; code_void, credential_missing, not_allowed: nobody is signed in
   */
  enter(shown: Shown, remote: string, browser: string): Promise<StartedSession>;
}

export function createSignIn(
  sessions: Pick<Sessions, 'start'>,
  authenticator: Pick<Authenticator, 'principalOf'>,
  clock: ForwardClock,
): SignIn {
  const codes = oneUseCodes<Principal>(clock, LIMITS);
  const guesses = limitGuesses(clock);

  function requireTry(remote: string): void {
    if (guesses.mayTry(remote)) return;
    const error = nodeError('too_many_tries', {
      what: 'Somebody at your address tried to sign in too often',
      hint: 'Wait some seconds and try again',
    });
    throw withRetryAfter(error, WAIT_MS / 1000);
  }

  function shownBy(shown: Shown): Principal | null {
    if ('code' in shown) return codes.redeem(shown.code);
    const token = shown.token.trim();
    return isToken(token) ? authenticator.principalOf(`Bearer ${token}`) : null;
  }

  return {
    code(principal) {
      requirePerson(principal);
      return codes.issue(principal);
    },
    whose(code, remote) {
      requireTry(remote);
      const principal = codes.meaning(code);
      if (principal !== null && !principal.ended.aborted) return principal;
      guesses.failed(remote);
      throw linkVoid();
    },
    async enter(shown, remote, browser) {
      requireTry(remote);
      const principal = shownBy(shown);
      if (principal === null || principal.ended.aborted) {
        guesses.failed(remote);
        throw 'code' in shown ? linkVoid() : tokenUnknown();
      }
      return sessions.start(principal, 'code' in shown ? 'link' : 'token', browser);
    },
  };
}

/** The code of a sign-in link. */
function linkVoid() {
  return nodeError('code_void', {
    what: 'This sign-in link is used up',
    why: 'a link works once, for five minutes, and not after the office was started anew or its credential has ended',
    hint: 'Have another one printed: `tabbify login`',
  });
}

function tokenUnknown() {
  return nodeError('credential_missing', {
    what: 'This token is not known here, or has ended',
    why: 'a token begins with tbf_ and is shown once, when it is issued',
    hint: 'Use the link that `tabbify login` prints instead',
  });
}
