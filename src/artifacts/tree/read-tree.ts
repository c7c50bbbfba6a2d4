import { artifactError } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { DIGEST_FILE, parseTreeDigest, sha256, type TreeFiles } from './tree-digest.ts';

/**
 * The files of a stored tree, as its `digest.json` lists them, checked against the digest that the log has.
 *
 * @throws digest_mismatch; object_unknown; store_unavailable
 */
export async function readTree(store: ObjectStore, prefix: string, digest: string): Promise<TreeFiles> {
  return (await listOf(store, prefix, digest)).files;
}

/** One file of a stored tree, checked. @param files of `readTree` @returns null when the tree has no such file */
export async function readTreeFile(
  store: ObjectStore,
  prefix: string,
  files: TreeFiles,
  path: string,
): Promise<Uint8Array | null> {
  const expected = files.get(path);
  if (expected === undefined) return null;
  const bytes = await store.get(`${prefix}/${path}`);
  if (sha256(bytes) === expected.sha256) return bytes;
  throw mismatch(`${prefix}/${path}`, `its SHA-256 is ${sha256(bytes)}, not ${expected.sha256}`);
}

/** `digest.json` as it is stored, and what it lists. */
export async function listOf(
  store: ObjectStore,
  prefix: string,
  digest: string,
): Promise<{ readonly bytes: Uint8Array; readonly files: TreeFiles }> {
  const key = `${prefix}/${DIGEST_FILE}`;
  const bytes = await store.get(key);
  if (sha256(bytes) !== digest) throw mismatch(key, `its SHA-256 is ${sha256(bytes)}, not ${digest}`);
  const files = parseTreeDigest(Buffer.from(bytes).toString('utf8'));
  if (files === null) throw mismatch(key, 'it is no list of files');
  return { bytes, files };
}

/** What is stored is not what was published. */
export function mismatch(
  name: string,
  why: string,
  hint = 'Push the app again; the stored copy is damaged.',
) {
  return artifactError('digest_mismatch', { what: `${name} is not what was published`, why, hint });
}
