import { setTimeout as wait } from 'node:timers/promises';
import { type DiskBounds, measureFolder } from './measure-folder.ts';

/** Looks after folders that a box writes to. */
export interface DiskWatch {
  /** Looks once more, when nothing writes any longer. */
  last(): Promise<'within' | 'past'>;
  end(): void;
}

/** Milliseconds between two looks; longer where a look takes long. */
const BETWEEN_MS = 250;
/** A look may take one part in so many of the time. */
const SHARE = 8;

/** @param past called once, when there is more in the folders than may be; nothing is looked at any more then */
export function watchDisk(folders: readonly string[], bounds: DiskBounds, past: () => void): DiskWatch {
  const over = new AbortController();
  const look = async (): Promise<boolean> => {
    let left = bounds;
    for (const folder of folders) {
      const { bytes, entries } = await measureFolder(folder, left);
      left = { bytes: left.bytes - bytes, entries: left.entries - entries };
      if (left.bytes < 0 || left.entries < 0) return false;
    }
    return true;
  };
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const begun = performance.now();
      if (!(await look())) {
        if (!over.signal.aborted) past();
        return;
      }
      const tookMs = performance.now() - begun;
      await wait(Math.max(BETWEEN_MS, tookMs * SHARE), null, { signal: over.signal }).catch(() => null);
    }
  };
  void watch();
  return {
    async last() {
      over.abort();
      return (await look()) ? 'within' : 'past';
    },
    end: () => over.abort(),
  };
}
