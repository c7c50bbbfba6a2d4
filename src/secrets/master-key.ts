import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { messageOf, writeFileAtomic } from '../kit/index.ts';
import { secretsError } from './errors.ts';

const KEY_BYTES = 32;
const HEAD = 'tabbify-master-key-1';

/** A master key in memory. */
export interface MasterKey {
  readonly bytes: Buffer;
  /** Tells one key from another and nothing about it; stands beside everything that it wraps. */
  readonly id: string;
}

export function newMasterKey(): MasterKey {
  const bytes = randomBytes(KEY_BYTES);
  return { bytes, id: idOf(bytes) };
}

/** Writes a key, readable by its owner alone. @throws the file system's error */
export async function writeMasterKey(file: string, { bytes, id }: MasterKey): Promise<void> {
  await writeFileAtomic(file, `${HEAD} ${bytes.toString('base64')} ${id}\n`, 0o600);
}

/**
 * Reads a key: the platform's own format, which tells a flipped bit, or 32 bytes in base64 or hex, as other tools make them.
 *
 * @returns null when there is no such file
 * @throws master_key_damaged
 */
export async function readMasterKey(file: string): Promise<MasterKey | null> {
  let text: string;
  try {
    text = (await readFile(file, 'latin1')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw damaged(file, messageOf(error), error);
  }
  const [first = '', second = '', third] = text.split(' ');
  if (first === HEAD) {
    const bytes = keyOf(second);
    if (bytes === null || third !== idOf(bytes)) throw damaged(file, 'it is not what was written');
    return { bytes, id: third };
  }
  const bytes = keyOf(text);
  if (bytes === null) throw damaged(file, 'it holds no key of 32 bytes, neither in base64 nor in hex');
  return { bytes, id: idOf(bytes) };
}

function keyOf(text: string): Buffer | null {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  const isWhole = bytes.length === KEY_BYTES && /^[\w+/-]+=?$/.test(text);
  return isWhole ? bytes : null;
}

function idOf(key: Uint8Array): string {
  return createHash('sha256').update('tabbify master key').update(key).digest('hex').slice(0, 16);
}

function damaged(file: string, why: string, cause?: unknown) {
  return secretsError('master_key_damaged', {
    what: `The master key in ${file} cannot be read`,
    why,
    hint: 'Put it back from your copy; nothing was changed, and the secrets open again as soon as it is there',
    cause,
  });
}
