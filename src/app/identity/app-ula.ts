import { blake3 } from '@noble/hashes/blake3.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import { canonicalAppId } from './app-id.ts';
import { formatIpv6 } from './ipv6-text.ts';

/**
 * The private address that belongs to an app wherever it runs (CONTRACTS §3): BLAKE3 over the 16 raw bytes of
 * its UUID; the first six digest bytes are three big-endian groups, `fd5a:1f02:h0:h1:h2::1`.
 *
 * @example appUla('0191e7c2-1111-7222-8333-444455556666') // 'fd5a:1f02:44a5:240b:121a::1'
 * @throws app_id_invalid
 */
export function appUla(uuid: string): string {
  const digest = blake3(hexToBytes(canonicalAppId(uuid).replaceAll('-', '')));
  const view = new DataView(digest.buffer, digest.byteOffset, 6);
  return formatIpv6([0xfd5a, 0x1f02, view.getUint16(0), view.getUint16(2), view.getUint16(4), 0, 0, 1]);
}
