import type { Authenticator } from './credentials/authenticator.ts';
import type { Principal } from './credentials/principal.ts';
import { TOKEN_PREFIX } from './credentials/token.ts';
import type { EdgeApp } from './edge/app-directory.ts';
import type { EdgeCredential, Standing } from './edge/edge-credential.ts';

const LOOKS_LIKE_OURS = new RegExp(`^bearer +${TOKEN_PREFIX}`, 'i');
const POWERLESS: EdgeCredential = {
  principal: null,
  ended: new AbortController().signal,
  standing: () => 'closed',
};

/**
 * Which `Authorization` values are ours: those that authenticate, and those that have our form (one that has ended, or
 * another machine's) — no app shall see either.
 */
export function recogniseThrough(authenticator: Pick<Authenticator, 'principalOf'>) {
  const known = new WeakMap<Principal, EdgeCredential>(); // made once a principal, not once a request
  return (authorization: string): EdgeCredential | null => {
    const principal = authenticator.principalOf(authorization);
    if (principal === null) return LOOKS_LIKE_OURS.test(authorization) ? POWERLESS : null;
    let credential = known.get(principal);
    if (credential === undefined) {
      credential = { principal, ended: principal.ended, standing: (app) => standingOf(principal, app) };
      known.set(principal, credential);
    }
    return credential;
  };
}

/**
 * A credential opens private apps of its own office only; an owner of `default`, who may pick any office, opens all
 * (CONTRACTS §2). Agents, apps and supervisors visit no private app.
 */
export function standingOf({ kind, scopes, homeOffice, ownsMachine }: Principal, app: EdgeApp): Standing {
  if (homeOffice !== app.office && !ownsMachine) return 'foreign';
  return kind === 'person' && scopes.has('read') ? 'opens' : 'closed';
}
