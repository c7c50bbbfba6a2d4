import { hash } from 'node:crypto';

/** SHA-256 of a body's UTF-8, 32 bytes. */
export function digestOf(body: string): Buffer {
  return hash('sha256', body, 'buffer');
}

/** The same as 64 hexadecimal digits. */
export function digestHex(body: string): string {
  return hash('sha256', body, 'hex');
}

/** `sha256:<hex>`, as envelopes write it. */
export function digestText(digest: Uint8Array): string {
  return `sha256:${Buffer.from(digest.buffer, digest.byteOffset, digest.byteLength).toString('hex')}`;
}

/** The 32 bytes of `sha256:<hex>`. */
export function digestBytes(text: string): Buffer {
  return Buffer.from(text.slice('sha256:'.length), 'hex');
}
