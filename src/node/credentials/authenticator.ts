import { timingSafeEqual } from 'node:crypto';
import { credentialByHash, type OfficeState } from '../../state/index.ts';
import type { Principal } from './principal.ts';
import { isToken, tokenHash } from './token.ts';

/** Tells who stands behind an `Authorization` value. */
export interface Authenticator {
  /** @returns null for anything that is not a bearer credential of this office */
  principalOf(authorization: string): Principal | null;
  /** A credential was issued or ended: look again. */
  forget(): void;
}

const BEARER = /^bearer +(\S+) *$/i;
const MAX_REMEMBERED = 1000;

/** Only values that authenticated are remembered, so guesses cost memory nowhere and are hashed each time. */
export function createAuthenticator(office: OfficeState): Authenticator {
  const remembered = new Map<string, Principal>();
  return {
    principalOf(authorization) {
      const known = remembered.get(authorization);
      if (known !== undefined) return known;
      const token = BEARER.exec(authorization)?.[1];
      if (token === undefined || !isToken(token)) return null;
      const principal = byToken(office, token);
      if (principal === null) return null;
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(authorization, principal);
      return principal;
    },
    forget() {
      remembered.clear();
    },
  };
}

function byToken(office: OfficeState, token: string): Principal | null {
  const hash = tokenHash(token);
  const credential = credentialByHash(office, hash);
  const expected = credential === null ? undefined : office.tokenHashes.get(credential.id);
  if (credential === null || expected === undefined || !sameHex(hash, expected)) return null;
  return {
    credentialId: credential.id,
    kind: credential.kind,
    name: credential.name,
    actor: credential.kind === 'supervisor' ? `supervisor:${credential.name}` : `user:${credential.name}`,
    office: credential.office,
    scopes: new Set(credential.scopes),
  };
}

/** Takes the same time wherever the two differ. */
function sameHex(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}
