import { hash, randomBytes } from 'node:crypto';

/** What every credential of an office begins with. */
export const TOKEN_PREFIX = 'tbf_';

/** 256 bits, base64url: 43 characters. */
const TOKEN = /^tbf_[A-Za-z0-9_-]{43}$/;

export function newToken(): string {
  return `${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;
}

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** SHA-256 in lower-case hex: all that the log knows of a token. 256 random bits need no slow hash. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'hex');
}
