import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** What folders may hold together. */
export interface DiskBounds {
  readonly bytes: number;
  /** Files, folders, links: whatever has a name. */
  readonly entries: number;
}

/**
 * How much lies in a folder, links not followed. What goes away meanwhile is not counted; what cannot be looked into counts as more than may be: it was
 * made so, or lies deeper than a path is long.
 *
 * @param bounds it stops when there is more
 */
export async function measureFolder(folder: string, bounds: DiskBounds): Promise<DiskBounds> {
  const open = [folder];
  let bytes = 0;
  let entries = 0;
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    try {
      for await (const entry of await opendir(path, { bufferSize: 256 })) {
        entries++;
        const inside = join(path, entry.name);
        if (entry.isDirectory()) open.push(inside);
        else if (entry.isFile()) bytes += await sizeOf(inside);
        if (bytes > bounds.bytes || entries > bounds.entries) return { bytes, entries };
      }
    } catch (error) {
      if (!isGone(error)) return { bytes: Number.POSITIVE_INFINITY, entries };
    }
  }
  return { bytes, entries };
}

/** What it takes of the disk, or would with all its holes filled: whoever copies it fills them. */
async function sizeOf(path: string): Promise<number> {
  try {
    const { size, blocks } = await lstat(path);
    return Math.max(size, blocks * 512);
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
