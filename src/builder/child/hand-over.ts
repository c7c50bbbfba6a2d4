import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildMessage } from './protocol.ts';

/**
 * Says the files of an artifact, so that what a box made gets out of it without a folder that both sides write to and read. A build that made none
 * has none to say.
 *
 * @param say says a message, and the bytes that come behind it
 */
export async function handOver(
  folder: string,
  say: (message: ChildMessage, bytes: Buffer) => void,
): Promise<void> {
  for (const name of await namesIn(folder)) {
    const bytes = await readFile(join(folder, name));
    say({ type: 'file', name, bytes: bytes.length }, bytes);
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
