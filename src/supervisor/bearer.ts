import { createHash, timingSafeEqual } from 'node:crypto';

/** Does this `Authorization` header carry the key? Takes the same time wherever the two differ. */
export function carriesBearer(authorization: string | undefined, key: string): boolean {
  const [scheme, token] = (authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || token === undefined) return false;
  return timingSafeEqual(digest(token), digest(key));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
