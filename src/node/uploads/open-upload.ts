import { z } from 'zod';
import type { FileDigest, ListedFile } from '../../artifacts/index.ts';
import type { Place } from '../versions/reservations.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().min(0);

/** A file as the list of a push has it. */
export const listedFile = z.object({ path: z.string(), size, sha256 });

/** What is kept of an upload on disk. */
export const uploadRecord = z.object({
  id: z.uuid(),
  files: z.array(listedFile),
  missing: z.array(z.object({ sha256, size })),
});

/** A push whose files come content by content. */
export interface OpenUpload extends Place {
  readonly id: string;
  readonly files: readonly ListedFile[];
  /** What no earlier version of the app had when it began, in the order in which it comes. */
  readonly missing: readonly FileDigest[];
  /** Bytes of all that is missing. */
  readonly length: number;
  /** When it began, milliseconds since 1970; of one from an earlier life of the office, when something was last heard of it then. */
  readonly begunAt: number;
  /** When something was last heard of it, milliseconds since 1970. */
  touchedAt: number;
  /** It is being published, or bytes are coming in. */
  busy: boolean;
  /** Gives its room back. */
  readonly release: () => void;
}

/** Contents that are missing, each once, in the order of the list. @param has which ones there are already */
export function missingOf(
  files: readonly ListedFile[],
  has: (sha256: string) => boolean,
): readonly FileDigest[] {
  const missing = new Map<string, FileDigest>();
  for (const file of files) {
    if (!has(file.sha256)) missing.set(file.sha256, { sha256: file.sha256, size: file.size });
  }
  return [...missing.values()];
}

export function lengthOf(contents: readonly FileDigest[]): number {
  return contents.reduce((sum, content) => sum + content.size, 0);
}
