import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../kit/index.ts';

const KEY = /^[A-Za-z0-9_-]{43}$/;

/**
 * A key of the node by which it knows again what it gave out, made when there is none. It outlives the node, so that a restart makes nothing
 * void; whoever loses it has all of it given out once more.
 *
 * @param file 0600
 */
export async function sealKey(file: string): Promise<Buffer> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (KEY.test(text.trim())) return Buffer.from(text.trim(), 'base64url');
  const key = randomBytes(32);
  await writeFileAtomic(file, `${key.toString('base64url')}\n`, 0o600);
  return key;
}
