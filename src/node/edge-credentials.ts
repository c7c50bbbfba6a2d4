import type { Authenticator } from './credentials/authenticator.ts';
import { TOKEN_PREFIX } from './credentials/token.ts';

const LOOKS_LIKE_OURS = new RegExp(`^bearer +${TOKEN_PREFIX}`, 'i');
const POWERLESS = { opensApps: false } as const;

/**
 * Which `Authorization` values are the office's: those that authenticate, and those that have our form (one that has
 * ended, or another office's) — no app shall see either.
 */
export function recogniseThrough(authenticator: Authenticator) {
  return (authorization: string): { readonly opensApps: boolean } | null => {
    const principal = authenticator.principalOf(authorization);
    if (principal === null) return LOOKS_LIKE_OURS.test(authorization) ? POWERLESS : null;
    return { opensApps: principal.kind === 'person' && principal.scopes.has('read') };
  };
}
