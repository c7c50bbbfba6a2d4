import { createHash } from 'node:crypto';
import { TabbifyError } from '../../kit/index.ts';
import type { ObjectStore } from '../object-store.ts';
import { mismatch } from './read-tree.ts';
import type { FileDigest } from './tree-digest.ts';

/**
 * The bytes of one stored file as they come, never more than were published. Whoever reads may use them only once it has
 * come to the end: that is where the file is known to be what was published.
 *
 * @param expected what the tree's list says of the file
 * @throws digest_mismatch, also for a file that is missing; store_unavailable
 */
export async function* checkedFile(
  store: ObjectStore,
  key: string,
  expected: FileDigest,
): AsyncGenerator<Buffer, void, undefined> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of await openObject(store, key)) {
    size += chunk.length;
    if (size > expected.size) throw mismatch(key, `it is longer than ${expected.size} bytes`);
    hash.update(chunk);
    yield chunk;
  }
  const actual = hash.digest('hex');
  if (size !== expected.size) throw mismatch(key, `it has ${size} bytes, not ${expected.size}`);
  if (actual !== expected.sha256) throw mismatch(key, `its SHA-256 is ${actual}, not ${expected.sha256}`);
}

/** A file that `digest.json` lists and the store lacks is damage, not a wrong question. */
async function openObject(store: ObjectStore, key: string): Promise<AsyncIterable<Buffer>> {
  try {
    return await store.stream(key);
  } catch (error) {
    if (error instanceof TabbifyError && error.code === 'object_unknown')
      throw mismatch(key, 'it is missing');
    throw error;
  }
}
