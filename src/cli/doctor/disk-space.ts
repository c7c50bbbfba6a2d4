import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sizeText } from '../terminal/table.ts';
import { type Check, fine, problemFound } from './check.ts';

/** Below this a build (some 100 MB of intermediate files) or the log may run out of room. */
const NEEDED_BYTES = 500 * 1024 * 1024;

export const diskSpace: Check = {
  name: 'Disk',
  async look({ home }) {
    const { bavail, bsize } = await statfs(await existingPart(home));
    const free = bavail * bsize;
    if (free >= NEEDED_BYTES) return fine('Disk', `${sizeText(free)} free`);
    return problemFound(
      'Disk',
      `only ${sizeText(free)} free`,
      `Make room on the disk of ${home}; ${sizeText(NEEDED_BYTES)} should be free.`,
    );
  },
};

async function existingPart(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  return found !== null || dirname(path) === path ? path : existingPart(dirname(path));
}
