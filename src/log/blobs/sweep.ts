import type { BlobName, SweepResult } from '../sqlite/messages.ts';
import type { BlobStore } from './store.ts';

/** A blob that no event names is kept for so long, ms: its append may still come (CONTRACTS §6). */
const UNNAMED_MS = 24 * 60 * 60 * 1000;
/** Blobs looked up at once, so that appends in between are not held up. */
const AT_ONCE = 200;

/**
 * Walks over the folder and has the thread that writes the log remove what no event names.
 *
 * @param remove checks and removes some of them
 * @param now ms, by the clock that gives files their time
 */
export async function sweepBlobs(
  blobs: BlobStore,
  remove: (call: { kind: 'sweep'; blobs: readonly BlobName[]; storedBefore: number }) => Promise<SweepResult>,
  now: number,
): Promise<SweepResult> {
  const storedBefore = now - UNNAMED_MS;
  const total = { removed: 0, bytes: 0 };
  let old: BlobName[] = [];
  const removeOld = async () => {
    if (old.length === 0) return;
    const { removed, bytes } = await remove({ kind: 'sweep', blobs: old, storedBefore });
    blobs.removed(bytes);
    total.removed += removed;
    total.bytes += bytes;
    old = [];
  };
  for await (const { tenant, digest, storedAt } of blobs.walk(storedBefore)) {
    if (storedAt < storedBefore) old.push({ tenant, digest });
    if (old.length >= AT_ONCE) await removeOld();
  }
  await removeOld();
  return total;
}
