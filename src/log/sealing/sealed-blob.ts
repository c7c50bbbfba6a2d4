import type { SealingKey } from './keyring.ts';
import { openBytes, sealBytes } from './sealed-body.ts';

/** A sealed blob: a line that names its key, then nonce and ciphertext. It names the key itself, for it is put before its event. */
export function sealBlob(tenant: string, bytes: Uint8Array, { sealedby, secret }: SealingKey): Buffer {
  const { nonce, box } = sealBytes(bytes, secret, around(tenant, sealedby));
  return Buffer.concat([Buffer.from(`${sealedby}\n`), nonce, box]);
}

/** The key that a sealed blob names; null when it is no sealed blob. */
export function keyOfBlob(stored: Uint8Array): string | null {
  const end = stored.indexOf(0x0a);
  return end > 0 ? Buffer.from(stored.subarray(0, end)).toString('utf8') : null;
}

/** @returns null when it is not what was sealed under this key in this office */
export function openBlob(
  tenant: string,
  stored: Uint8Array,
  { sealedby, secret }: SealingKey,
): Buffer | null {
  const start = Buffer.byteLength(sealedby) + 1;
  const nonce = stored.subarray(start, start + 12);
  return openBytes({ nonce, box: stored.subarray(start + 12) }, secret, around(tenant, sealedby));
}

function around(tenant: string, sealedby: string): Buffer {
  return Buffer.from(JSON.stringify(['blob', sealedby, tenant]));
}
