import { randomFillSync } from 'node:crypto';
import { GuestTrap } from '../guest-trap.ts';

/** Most bytes one call gives. */
const MAX_BYTES = 1 << 20;
/** Bytes drawn at once, since each draw costs about the same. */
const POOL_BYTES = 8192;

const pool = Buffer.alloc(POOL_BYTES);
let poolUsed = POOL_BYTES;

function bytes(length: bigint): Uint8Array {
  if (length > MAX_BYTES) throw new GuestTrap('misuse', 'more than 1 MiB of random bytes at once');
  const count = Number(length);
  if (count > POOL_BYTES / 2) return randomFillSync(new Uint8Array(count));
  if (poolUsed + count > POOL_BYTES) {
    randomFillSync(pool);
    poolUsed = 0;
  }
  poolUsed += count;
  return Uint8Array.from(pool.subarray(poolUsed - count, poolUsed));
}

function u64(): bigint {
  return new DataView(bytes(8n).buffer).getBigUint64(0, true);
}

/** `wasi:random/random`; the insecure interfaces get secure bytes as well. */
export const random = { getRandomBytes: bytes, getRandomU64: u64 };
export const insecureRandom = { getInsecureRandomBytes: bytes, getInsecureRandomU64: u64 };
export const insecureSeed = { insecureSeed: () => [u64(), u64()] };
