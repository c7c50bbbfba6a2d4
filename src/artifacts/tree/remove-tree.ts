import type { ObjectStore } from '../object-store.ts';
import { DIGEST_FILE } from './tree-digest.ts';

/**
 * Removes all that is stored below a prefix, the list of the files first: from then on it is no finished tree. Can be repeated.
 *
 * @throws store_unavailable
 */
export async function removeTree(store: ObjectStore, prefix: string): Promise<void> {
  const list = `${prefix}/${DIGEST_FILE}`;
  const keys = await store.list(`${prefix}/`);
  for (const key of keys.toSorted((a, b) => Number(b === list) - Number(a === list))) await store.delete(key);
}
