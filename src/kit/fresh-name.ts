import { closeSync, openSync, readSync } from 'node:fs';

/** Random bytes are taken from here: the system is asked once for so many names. */
const pool = Buffer.alloc(32 * 16);
let used = pool.length;

/**
 * A name that nothing has, and nobody guesses: 32 hex digits, from the system's own source of random numbers (random(4)). For what is made
 * on the way of a cold start, as `node:crypto` takes 5 ms to load.
 */
export function freshName(): string {
  if (used === pool.length) fill();
  used += 16;
  return pool.toString('hex', used - 16, used);
}

function fill(): void {
  const source = openSync('/dev/urandom', 'r');
  try {
    // Up to 256 bytes come whole, of more only a part might.
    for (let filled = 0; filled < pool.length; filled += readSync(source, pool, filled, 256, null));
    used = 0;
  } finally {
    closeSync(source);
  }
}
