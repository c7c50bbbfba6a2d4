import { posix } from 'node:path';

const SUSPICIOUS = /tabbify|[%\\]/i;
/** Rounds of decoding: `%255f` must be seen through as well. */
const MAX_ROUNDS = 4;

/**
 * Is this request target under `/_tabbify/`, which answers 404 to everything but the runner's own deliveries
 * (CONTRACTS §7)? Spellings that a framework may fold into it count as well: dot segments, percent encoding,
 * doubled and backward slashes, capitals.
 *
 * @param target the request target as it stands in the request line
 */
export function isPrivatePath(target: string): boolean {
  if (!SUSPICIOUS.test(target)) return false;
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  const folded = posix.normalize(decoded(path).replace(/[\\/]+/g, '/')).toLowerCase();
  return folded === '/_tabbify' || folded.startsWith('/_tabbify/');
}

function decoded(path: string): string {
  let current = path;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = current.replace(/%[0-9a-f]{2}/gi, (code) =>
      String.fromCharCode(Number.parseInt(code.slice(1), 16)),
    );
    if (next === current) break;
    current = next;
  }
  return current;
}
