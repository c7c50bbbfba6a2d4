import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { foldersOf } from './folders.ts';
import type { Watching } from './watching.ts';

/** Milliseconds between two looks. */
const PAUSE_MS = 250;

/** Looks at all files of an app again and again, for machines that do not tell of changes. @param onChange with the path of each */
export function pollApp(root: string, onChange: (path: string) => void): Watching {
  let isClosed = false;
  let timer: NodeJS.Timeout | null = null;
  let before: ReadonlyMap<string, string> | null = null;

  async function look(): Promise<void> {
    const now = await stampsOf(root);
    if (isClosed) return;
    const known = before ?? now;
    for (const [path, stamp] of now) if (known.get(path) !== stamp) onChange(path);
    for (const path of known.keys()) if (!now.has(path)) onChange(path);
    before = now;
    timer = setTimeout(() => void look(), PAUSE_MS);
  }

  void look();
  return {
    close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** What tells each file from another content of it. */
async function stampsOf(root: string): Promise<ReadonlyMap<string, string>> {
  const stamps = new Map<string, string>();
  for (const { path, entries } of await foldersOf(root)) {
    for (const entry of entries) {
      if (entry.isDirectory()) continue;
      const file = join(path, entry.name);
      const found = await stat(file).catch(() => null); // it has gone meanwhile
      if (found !== null) stamps.set(file, `${found.ino} ${found.size} ${found.mtimeMs}`);
    }
  }
  return stamps;
}
