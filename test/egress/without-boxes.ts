import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { skipWithout } from '../requirements.ts';

/** Of tests whose apps run in boxes. */
export const withoutBoxes = skipWithout('bubblewrap', hasBubblewrap());

function hasBubblewrap(): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'bwrap')));
}
