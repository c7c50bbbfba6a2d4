import { timingSafeEqual } from 'node:crypto';
import { credentialByHash } from '../../state/index.ts';
import type { LiveState } from '../live-state.ts';
import { credentialsInUse } from './credentials-in-use.ts';
import type { ForwardClock } from './forward-clock.ts';
import { type Principal, principalOf } from './principal.ts';
import { isToken, tokenHash } from './token.ts';

/** Tells who stands behind an `Authorization` value. */
export interface Authenticator {
  /** @returns null for anything that is not a bearer credential in force; no office but its own is picked yet */
  principalOf(authorization: string): Principal | null;
  close(): void;
}

const BEARER = /^bearer +(\S+) *$/i;
const MAX_REMEMBERED = 1000;

interface Remembered {
  readonly hash: string;
  readonly principal: Principal;
}

/**
 * Authenticates by the live state and follows it: whoever's credential was revoked, replaced or has expired is unknown
 * from then on, and `ended` of the principals that were given out aborts. Only values that authenticated are
 * remembered, so guesses cost memory nowhere and are hashed each time.
 */
export function createAuthenticator(
  live: Pick<LiveState, 'office' | 'onEvent'>,
  clock: ForwardClock,
): Authenticator {
  const { office } = live;
  const remembered = new Map<string, Remembered>();
  const inUse = credentialsInUse(office, clock);
  const stopListening = live.onEvent((event) => {
    clock.note(event);
    if (event.type === 'credential_issued' || event.type === 'credential_revoked') inUse.sweep();
  });

  function authenticated(hash: string): Principal | null {
    const credential = credentialByHash(office, hash);
    const expected = credential === null ? undefined : office.tokenHashes.get(credential.id);
    if (credential === null || expected === undefined || !sameHex(hash, expected)) return null;
    const use = inUse.use(hash);
    return use === null ? null : principalOf(use.entry, use.ended);
  }

  return {
    principalOf(authorization) {
      const token = BEARER.exec(authorization)?.[1];
      if (token === undefined || !isToken(token)) return null;
      const known = remembered.get(token);
      if (known !== undefined) {
        if (inUse.use(known.hash)?.ended === known.principal.ended) return known.principal;
        remembered.delete(token);
      }
      const hash = tokenHash(token);
      const principal = authenticated(hash);
      if (principal === null) return null;
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(token, { hash, principal });
      return principal;
    },
    close() {
      stopListening();
      inUse.close();
    },
  };
}

/** Takes the same time wherever the two differ. */
function sameHex(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}
