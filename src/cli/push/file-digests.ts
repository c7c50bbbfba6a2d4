import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileDigest } from '../../artifacts/index.ts';
import type { AppFile } from './app-files.ts';

/**
 * Digests of the files of a push, by path.
 *
 * @param replaced content that stands in for the file on disk, by path (the stamped manifest)
 */
export async function fileDigests(
  root: string,
  files: readonly AppFile[],
  replaced: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, FileDigest>> {
  const digests = new Map<string, FileDigest>();
  for (const { path } of files) {
    const content = replaced.get(path);
    const hash = createHash('sha256');
    let size = 0;
    if (content === undefined) {
      await pipeline(createReadStream(join(root, path)), async (chunks) => {
        for await (const chunk of chunks as AsyncIterable<Buffer>) {
          hash.update(chunk);
          size += chunk.length;
        }
      });
    } else {
      hash.update(content);
      size = Buffer.byteLength(content);
    }
    digests.set(path, { sha256: hash.digest('hex'), size });
  }
  return digests;
}
