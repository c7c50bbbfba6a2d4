import { TabbifyError } from '../../kit/index.ts';
import { type ArtifactErrorCode, artifactError } from '../errors.ts';
import type { ObjectStore } from '../object-store.ts';
import { putTree, type StoredTree } from '../tree/put-tree.ts';
import { DIGEST_FILE } from '../tree/tree-digest.ts';
import { type AppPlace, appPrefix, versionPrefix } from './version-keys.ts';

/** Pushes of one app that can run at the same moment; a push that loses as often as this is told so. */
const MAX_TRIES = 100;

/** A version that is in the store for good. */
export interface PublishedVersion extends StoredTree {
  /** Integer ≥ 1. */
  readonly version: number;
  /** Where its files lie in the store. */
  readonly prefix: string;
}

/**
 * Stores a folder as the app's next version (CONTRACTS §5): the number is claimed first, so that two pushes at once
 * get two numbers, and `latest` is written last, so that a version is visible only when it is whole. The number of a
 * push that was killed stays unused.
 *
 * @throws folder_invalid, version_conflict, store_unavailable, store_corrupt
 */
export async function publishVersion(
  store: ObjectStore,
  place: AppPlace & { readonly dir: string },
): Promise<PublishedVersion> {
  const stored = await storeVersion(store, place);
  await advanceLatest(store, place, stored.version);
  return stored;
}

/**
 * The first part of `publishVersion`: `latest` does not lead to the version yet.
 *
 * @throws folder_invalid, version_conflict, store_unavailable, store_corrupt
 */
export async function storeVersion(
  store: ObjectStore,
  place: AppPlace & { readonly dir: string },
): Promise<PublishedVersion> {
  const version = await claimNumber(store, place);
  const prefix = versionPrefix({ ...place, version });
  let tree: StoredTree;
  try {
    tree = await putTree(store, prefix, place.dir, { immutable: true });
  } catch (error) {
    // On a conflict somebody else has finished this version: it is not ours to take back.
    if (!isCode(error, 'version_conflict')) await giveBack(store, place, version);
    throw error;
  }
  return { version, prefix, ...tree };
}

/**
 * Takes back a version that was stored and never announced, so that nothing of it is left. Can be repeated.
 *
 * @throws store_unavailable
 */
export async function withdrawVersion(store: ObjectStore, place: AppPlace, version: number): Promise<void> {
  for (const key of await store.list(`${versionPrefix({ ...place, version })}/`)) await store.delete(key);
  await store.delete(claimKey(place, version));
  if ((await latestVersion(store, place)) !== version) return;
  const before = await highestFinished(store, place, 0);
  if (before === 0) await store.delete(latestKey(place));
  else await store.put(latestKey(place), Buffer.from(String(before)));
}

/** Numbers that pushes of an app have taken, of unfinished ones too. */
export async function claimedVersions(store: ObjectStore, place: AppPlace): Promise<readonly number[]> {
  const claims = await store.list(`${appPrefix(place)}/claims/`);
  return claims.map((key) => Number(key.slice(key.lastIndexOf('/') + 1)));
}

/**
 * Number of the newest whole version; null before the first.
 *
 * @throws store_corrupt when the marker is no number
 */
export async function latestVersion(store: ObjectStore, place: AppPlace): Promise<number | null> {
  const text = await textOf(store, latestKey(place));
  if (text === null) return null;
  if (/^[1-9]\d{0,14}$/.test(text.trim())) return Number(text);
  throw artifactError('store_corrupt', {
    what: `${latestKey(place)} holds no version number`,
    why: `it reads ${JSON.stringify(text.slice(0, 40))}`,
    hint: 'Write the number of the newest version into it; `tabbify events` tells it.',
  });
}

async function claimNumber(store: ObjectStore, place: AppPlace): Promise<number> {
  const first = ((await latestVersion(store, place)) ?? 0) + 1;
  for (let version = first; version < first + MAX_TRIES; version++) {
    if (!(await store.putIfAbsent(claimKey(place, version), new Uint8Array()))) continue;
    // Files without a claim came by another way, e.g. a restored store: they are not to be written over.
    const taken = await store.list(`${versionPrefix({ ...place, version })}/`);
    if (taken.length === 0) return version;
  }
  throw artifactError('version_conflict', {
    what: 'No version number could be had',
    why: `other pushes of this app have taken ${first} to ${first + MAX_TRIES - 1}`,
    hint: 'Push again in a moment.',
  });
}

/** Takes back what a failed push has stored; the claim goes last, so that nobody else writes into the same folder. */
async function giveBack(store: ObjectStore, place: AppPlace, version: number): Promise<void> {
  try {
    for (const key of await store.list(`${versionPrefix({ ...place, version })}/`)) await store.delete(key);
    await store.delete(claimKey(place, version));
  } catch {
    // The error that is being reported says more; an unfinished version is invisible and its number stays unused.
  }
}

/**
 * Brings `latest` to the highest finished version. A push that was overtaken must not take it back: so whoever writes
 * it looks again afterwards, and the last one to write finds every version that was finished before.
 */
export async function advanceLatest(store: ObjectStore, place: AppPlace, version: number): Promise<void> {
  for (let highest = version; ; highest = Math.max(highest, await highestFinished(store, place, highest))) {
    const current = (await latestVersion(store, place)) ?? 0;
    if (current >= highest) return;
    await store.put(latestKey(place), Buffer.from(String(highest)));
  }
}

async function highestFinished(store: ObjectStore, place: AppPlace, above: number): Promise<number> {
  const numbers = await claimedVersions(store, place);
  for (const version of numbers.filter((number) => number > above).sort((a, b) => b - a)) {
    const digest = await textOf(store, `${versionPrefix({ ...place, version })}/${DIGEST_FILE}`);
    if (digest !== null) return version;
  }
  return above;
}

async function textOf(store: ObjectStore, key: string): Promise<string | null> {
  try {
    return Buffer.from(await store.get(key)).toString('utf8');
  } catch (error) {
    if (isCode(error, 'object_unknown')) return null;
    throw error;
  }
}

function isCode(error: unknown, code: ArtifactErrorCode): boolean {
  return error instanceof TabbifyError && error.code === code;
}

function latestKey(place: AppPlace): string {
  return `${appPrefix(place)}/latest`;
}

function claimKey(place: AppPlace, version: number): string {
  return `${appPrefix(place)}/claims/${version}`;
}
