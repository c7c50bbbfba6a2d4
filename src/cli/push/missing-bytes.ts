import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { FileDigest } from '../../artifacts/index.ts';

/** Where contents are read from. */
export interface ContentSource {
  readonly root: string;
  readonly digests: ReadonlyMap<string, FileDigest>;
  /** Content that stands in for the file on disk, by path. */
  readonly replaced: ReadonlyMap<string, string>;
}

/**
 * Contents one after the other, as one run of bytes.
 *
 * @param offset where to begin, in bytes
 * @param taken told of each piece that was taken away, in bytes
 */
export function missingBytes(
  { root, digests, replaced }: ContentSource,
  missing: readonly FileDigest[],
  offset: number,
  taken: (bytes: number) => void,
): ReadableStream<Uint8Array> {
  const paths = new Map([...digests].map(([path, { sha256 }]) => [sha256, path]));
  async function* bytes(): AsyncGenerator<Uint8Array> {
    let skip = offset;
    for (const { sha256, size } of missing) {
      const start = Math.min(skip, size);
      skip -= start;
      if (start === size) continue;
      const path = paths.get(sha256) ?? '';
      const text = replaced.get(path);
      // no more than was announced, of a file that grows (one that shrinks ends the request early, which the office notices)
      const chunks =
        text === undefined
          ? createReadStream(join(root, path), { start, end: size - 1 })
          : [Buffer.from(text).subarray(start)];
      for await (const chunk of chunks as AsyncIterable<Buffer>) {
        yield chunk;
        taken(chunk.length);
      }
    }
  }
  return ReadableStream.from(bytes());
}
