import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../kit/index.ts';

/** Files that are too large for memory, checked and copied to where they can be read from any byte. */
export interface CheckedCopies {
  /**
   * Opens the copy, which is made when there is none. Whoever gets it closes it.
   *
   * @param sha256 of the file, lower-case hex
   * @param read the bytes, which throw before their end when they are not those of the file
   * @throws what `read` throws; the system's errors
   */
  open(sha256: string, size: number, read: () => AsyncIterable<Uint8Array>): Promise<FileHandle>;
}

/**
 * Copies in a folder of their own, which begins empty with the office. A copy appears whole or not at all; two visitors at
 * once wait for the same one.
 *
 * @param most bytes that they may take; those that were not asked for the longest go first
 */
export function createCheckedCopies(folder: string, most: number): CheckedCopies {
  const sizes = new Map<string, number>(); // in the order of their last use
  const making = new Map<string, Promise<void>>();

  async function make(sha256: string, size: number, read: () => AsyncIterable<Uint8Array>): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const partial = join(folder, `.${newId()}`);
    try {
      const file = await open(partial, 'wx', 0o600);
      try {
        await file.writeFile(read());
      } finally {
        await file.close();
      }
      await rename(partial, join(folder, sha256));
    } finally {
      await rm(partial, { force: true });
    }
    sizes.set(sha256, size);
    await makeRoom();
  }

  /** One that is being read goes on being read: its name goes first. */
  async function makeRoom(): Promise<void> {
    let held = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    for (const [oldest, size] of [...sizes].slice(0, -1)) {
      if (held <= most) return;
      sizes.delete(oldest);
      held -= size;
      await rm(join(folder, oldest), { force: true });
    }
  }

  async function opened(sha256: string, size: number): Promise<FileHandle | null> {
    if (!sizes.has(sha256)) return null;
    try {
      const file = await open(join(folder, sha256), 'r');
      sizes.delete(sha256);
      sizes.set(sha256, size);
      return file;
    } catch (error) {
      sizes.delete(sha256);
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return null;
    }
  }

  return {
    async open(sha256, size, read) {
      for (;;) {
        const there = await opened(sha256, size);
        if (there !== null) return there;
        const made = making.get(sha256) ?? make(sha256, size, read).finally(() => making.delete(sha256));
        making.set(sha256, made);
        await made;
      }
    },
  };
}
