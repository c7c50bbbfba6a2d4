import { lstat } from 'node:fs/promises';
import { runChild } from '../../kit/index.ts';
import { sandboxError } from '../errors.ts';

/** Milliseconds; a million files take a fraction of it. */
const REMOVE_MS = 120_000;

/**
 * Removes a folder that a box wrote to, by rm(1): folders in folders without an end would cost this process a descriptor each.
 * What cannot be entered is opened first. Nothing may write to it any more.
 *
 * @throws TabbifyError `box_failed` when it is still there
 */
export async function removeForeign(folder: string): Promise<void> {
  await run('rm', ['-rf', '--', folder]);
  if (!(await isThere(folder))) return;
  await run('chmod', ['-R', 'u+rwX', '--', folder]); // follows no link that it meets
  const why = await run('rm', ['-rf', '--', folder]);
  if (!(await isThere(folder))) return;
  throw sandboxError('box_failed', {
    what: 'What a sandbox left could not be removed',
    why: why.slice(0, 500),
    hint: `Remove ${folder}`,
  });
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { stderr } = await runChild(`/bin/${program}`, args, { env: {}, timeoutMs: REMOVE_MS });
  return stderr.trim();
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
