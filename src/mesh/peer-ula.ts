import { formatIpv6 } from '../app/index.ts';
import { meshError } from './errors.ts';

/**
 * The private address of a host: `fd5a:1f00:<network>:<index>::1` (CONTRACTS §3).
 *
 * @param networkName empty for the default network
 * @param index integer from 1 to 65535, one per host of the network, never given twice
 * @throws peer_index_invalid
 * @example peerUla('alice', 1) // 'fd5a:1f00:2697:1::1'
 */
export function peerUla(networkName: string, index: number): string {
  if (!Number.isInteger(index) || index < 1 || index > 0xffff) {
    throw meshError('peer_index_invalid', {
      what: `No host can have the index ${index}`,
      why: 'it is a whole number from 1 to 65535 that becomes one group of the address',
    });
  }
  return formatIpv6([0xfd5a, 0x1f00, networkSlot(networkName), index, 0, 0, 0, 1]);
}

/** 0 for the empty name; else FNV-1a 64 of its UTF-8 bytes, the four 16-bit lanes XORed, 0 becoming 1. */
function networkSlot(name: string): number {
  if (name === '') return 0;
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(name)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  const folded = (hash ^ (hash >> 16n) ^ (hash >> 32n) ^ (hash >> 48n)) & 0xffffn;
  return folded === 0n ? 1 : Number(folded);
}
