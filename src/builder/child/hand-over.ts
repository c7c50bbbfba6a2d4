import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChildMessage } from './protocol.ts';

/** Bytes of a file in one message: its line is a third longer. */
const PART_BYTES = 192 * 1024;

/**
 * Says the files of an artifact, so that what a box made gets out of it without a folder that both sides write to and read. A build that made none
 * has none to say.
 */
export async function handOver(folder: string, say: (message: ChildMessage) => void): Promise<void> {
  for (const name of await namesIn(folder)) {
    const bytes = await readFile(join(folder, name));
    for (let from = 0; from < bytes.length; from += PART_BYTES) {
      say({ type: 'file', name, data: bytes.toString('base64', from, from + PART_BYTES) });
    }
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
