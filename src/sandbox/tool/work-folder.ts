import { chmod, opendir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sandboxError } from '../errors.ts';

const EVERYBODY_WRITES = 0o666;
const EVERYBODY_ENTERS = 0o777;
const OTHERS = 0o077;

/**
 * Lets a box write to a folder and all that is in it. As an ordinary user a box has that user's rights already; as root it has a
 * uid that nobody knows yet, so everybody gets them: who may not enter a folder above does not come to use them.
 *
 * @throws TabbifyError `box_failed` when no folder above is closed to other users
 */
export async function openToBox(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const real = await realpath(folder);
  if (!(await isClosedAbove(real))) {
    throw sandboxError('box_failed', {
      what: 'A sandbox did not start',
      why: `the folder it is to write to, ${folder}, lies where other users get`,
      hint: 'It belongs into a folder with the mode 0700.',
    });
  }
  await openAll(real);
}

async function isClosedAbove(path: string): Promise<boolean> {
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
    if (((await stat(above)).mode & OTHERS) === 0) return true;
  }
  return false;
}

async function openAll(folder: string): Promise<void> {
  await chmod(folder, EVERYBODY_ENTERS);
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openAll(path);
    else if (entry.isFile()) await chmod(path, EVERYBODY_WRITES | ((await stat(path)).mode & 0o111));
  }
}
