/** Of the office itself: who is signed in. Host-only, for browsers hold what `__Host-` promises (RFC 6265bis §4.1.3). */
export const OFFICE_COOKIE = '__Host-tabbify';
/** Of one app at its own host; it opens nothing else. */
export const APP_COOKIE = '__Host-tabbify-app';

/**
 * The value of a cookie of ours.
 *
 * @param pairs `name=value`, as `Cookie` has them; undefined: there were none
 * @returns null when it is not there, or there in two versions: one of them was planted
 */
export function cookieOf(name: string, pairs: readonly string[] | string | undefined): string | null {
  const all = typeof pairs === 'string' ? pairs.split(';') : (pairs ?? []);
  const values = new Set<string>();
  for (const pair of all) {
    const [named = '', ...value] = pair.trim().split('=');
    if (named === name) values.add(value.join('='));
  }
  const [only] = values;
  return values.size === 1 && only !== undefined && only !== '' ? only : null;
}

/** A `Set-Cookie` value. @param maxAgeSec seconds that the browser keeps it; 0 takes it away */
export function cookieText(name: string, value: string, maxAgeSec: number): string {
  return `${name}=${value}; Path=/; Max-Age=${Math.max(0, Math.floor(maxAgeSec))}; Secure; HttpOnly; SameSite=Lax`;
}
