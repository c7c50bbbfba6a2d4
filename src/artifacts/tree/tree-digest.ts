import { createHash } from 'node:crypto';
import { byBytes, pathFault } from '../portable-path.ts';

/** Name of the file that lists a tree's files; its own SHA-256 is the tree's digest (CONTRACTS §5). */
export const DIGEST_FILE = 'digest.json';

export interface FileDigest {
  /** Lower-case hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

/** Path → digest. */
export type TreeFiles = ReadonlyMap<string, FileDigest>;

/**
 * Text of `digest.json`: `{"format":1,"files":{path:{"sha256","size"}}}`. Paths are in the order of their bytes,
 * so that equal trees have equal bytes wherever they are written.
 */
export function formatTreeDigest(files: TreeFiles): string {
  // Written by hand, because an object would bring keys such as "10" out of order.
  const entries = [...files]
    .sort(([a], [b]) => byBytes(a, b))
    .map(([path, { sha256, size }]) => `${JSON.stringify(path)}:{"sha256":"${sha256}","size":${size}}`);
  return `{"format":1,"files":{${entries.join(',')}}}\n`;
}

/** What identifies a tree: the SHA-256 of its `digest.json`, lower-case hex. */
export function treeDigest(files: TreeFiles): string {
  return sha256(formatTreeDigest(files));
}

/** The files a `digest.json` lists; null when the text is none, or lists paths that no tree may have. */
export function parseTreeDigest(text: string): TreeFiles | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || value.format !== 1 || !isRecord(value.files)) return null;
  const files = new Map<string, FileDigest>();
  for (const [path, entry] of Object.entries(value.files)) {
    if (pathFault(path) !== null || path === DIGEST_FILE || !isRecord(entry)) return null;
    const { sha256, size } = entry;
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return null;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
    files.set(path, { sha256, size });
  }
  return files;
}

/** SHA-256 in lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
