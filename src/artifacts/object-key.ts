import { artifactError } from './errors.ts';
import { quotedName } from './portable-path.ts';

const MAX_KEY_BYTES = 1024; // S3
const MAX_PART_BYTES = 255; // file systems

/**
 * Passes a key that every implementation can hold: relative, `/`-separated, without empty, `.` or `..` parts, without
 * control characters or backslashes, at most 1,024 bytes, and not beginning with a dot (a store's own files do).
 *
 * @throws object_key_invalid
 */
export function checkKey(key: string): string {
  const fault = keyFault(key, key.split('/'));
  if (fault !== null) throw invalidKey(key, fault);
  return key;
}

/**
 * Passes the beginning of a key: it may be empty and may end anywhere.
 *
 * @throws object_key_invalid
 */
export function checkPrefix(prefix: string): string {
  const folders = prefix.split('/').slice(0, -1);
  const fault = prefix === '' ? null : keyFault(prefix, folders);
  if (fault !== null) throw invalidKey(prefix, fault);
  return prefix;
}

function keyFault(key: string, parts: readonly string[]): string | null {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) return `it is longer than ${MAX_KEY_BYTES} bytes`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f\\]/.test(key) || !key.isWellFormed())
    return 'it holds a character no key may hold';
  if (key.startsWith('.')) return 'it begins with a dot';
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..') return 'a part of it is empty, `.` or `..`';
    if (Buffer.byteLength(part) > MAX_PART_BYTES)
      return `a part of it is longer than ${MAX_PART_BYTES} bytes`;
  }
  return null;
}

export function invalidKey(key: string, why: string, cause?: unknown) {
  return artifactError('object_key_invalid', {
    what: `The key ${quotedName(key)} cannot be used`,
    why,
    cause,
  });
}

export function unknownObject(key: string, cause?: unknown) {
  return artifactError('object_unknown', {
    what: `There is no object ${quotedName(key)}`,
    hint: 'If the store was moved or restored, check that it is complete.',
    cause,
  });
}
