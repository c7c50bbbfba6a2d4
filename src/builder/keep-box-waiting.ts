import { existsSync } from 'node:fs';
import { preparedCaches } from './boxed/prepared-caches.ts';
import { SMALLEST_COMPONENT } from './boxed/shown-programs.ts';
import { openWaitingBox } from './boxed/waiting-box.ts';
import { createWaitingBoxes, type WaitingBoxes, type WaitingOptions } from './boxed/waiting-boxes.ts';
import { buildCacheDirectory } from './cache-directory.ts';
import { wallsFor } from './walls.ts';

/** By home. */
const kept = new Map<string, WaitingBoxes>();

/**
 * Keeps a box with the tools of builds loaded, where this machine has boxes and memory: the next build of the office begins at once in it.
 * Each box has one build and is thrown away; another one is prepared when builds are over.
 *
 * @param home `TABBIFY_HOME`; `prepareBuilder` has readied it
 * @param signal ends it; without boxes on this machine it has ended already
 * @returns resolves when nothing waits any more
 */
export async function keepBoxWaiting(
  home: string,
  signal: AbortSignal,
  options: WaitingOptions = {},
): Promise<void> {
  if (signal.aborted || kept.has(home) || !(await wallsFor(home)).possible) return;
  const cacheDir = buildCacheDirectory(home);
  const caches = await preparedCaches(cacheDir, 'wasm-http', signal);
  if (caches === null || signal.aborted) return;
  const component = existsSync(SMALLEST_COMPONENT) ? SMALLEST_COMPONENT : null;
  const boxes = createWaitingBoxes(() => openWaitingBox({ home, cacheDir, caches, component }), options);
  kept.set(home, boxes);
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  kept.delete(home);
  await boxes.close();
}

/** The one that is kept for the home; null: builds have to open their own. */
export function waitingBoxesOf(home: string): WaitingBoxes | null {
  return kept.get(home) ?? null;
}
