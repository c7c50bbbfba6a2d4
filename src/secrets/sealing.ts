import { randomBytes } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 24;

/** What an associated data binds a box to: a box that was moved to another place does not open there. */
export interface Place {
  readonly tenant: string;
  readonly name: string;
  readonly version: number;
}

/** A value under a key of its own, and that key under the master key; each text is base64 of nonce and box. */
export interface Sealed {
  readonly wrapped: string;
  readonly box: string;
}

/** Seals with XChaCha20-Poly1305 and random nonces (CONTRACTS §11). */
export function seal(master: Uint8Array, place: Place, value: Uint8Array): Sealed {
  const key = randomBytes(KEY_BYTES);
  try {
    return {
      wrapped: shut(master, aad('key', place), key),
      box: shut(key, aad('value', place), value),
    };
  } finally {
    key.fill(0);
  }
}

/** @returns null when one of the two does not open: other bytes, another place, or another master key */
export function open(master: Uint8Array, place: Place, sealed: Sealed): Buffer | null {
  const key = opened(master, aad('key', place), sealed.wrapped);
  if (key === null) return null;
  try {
    return opened(key, aad('value', place), sealed.box);
  } finally {
    key.fill(0);
  }
}

/** The same value under another master key; the value itself is not opened. @returns null as `open` */
export function rewrap(
  from: Uint8Array,
  to: Uint8Array,
  place: Place,
  { wrapped, box }: Sealed,
): Sealed | null {
  const key = opened(from, aad('key', place), wrapped);
  if (key === null) return null;
  try {
    return { wrapped: shut(to, aad('key', place), key), box };
  } finally {
    key.fill(0);
  }
}

/** Tenant, name and version, and which of the two boxes it is; JSON, so that no two lists read alike. */
function aad(what: 'key' | 'value', { tenant, name, version }: Place): Buffer {
  return Buffer.from(JSON.stringify(['tabbify secret', what, tenant, name, version]));
}

function shut(key: Uint8Array, associated: Uint8Array, plain: Uint8Array): string {
  const nonce = randomBytes(NONCE_BYTES);
  const box = xchacha20poly1305(key, nonce, associated).encrypt(plain);
  return Buffer.concat([nonce, box]).toString('base64');
}

function opened(key: Uint8Array, associated: Uint8Array, text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  try {
    const plain = xchacha20poly1305(key, bytes.subarray(0, NONCE_BYTES), associated).decrypt(
      bytes.subarray(NONCE_BYTES),
    );
    return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
  } catch {
    return null; // the cipher says no more than that it does not open
  }
}
