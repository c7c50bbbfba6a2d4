import { createHash } from 'node:crypto';
import { canonicalJson } from '../state/index.ts';

/**
 * By what an approval knows that which is to be decided (CONTRACTS §4a): whoever decides names it. Equal subjects have equal hashes,
 * whatever the order of their keys.
 *
 * @param subject plain data, as JSON has it
 * @returns SHA-256 of its canonical JSON, 64 characters of lower-case hex
 */
export function decisionHash(subject: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(subject))))
    .digest('hex');
}
