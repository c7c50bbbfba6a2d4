import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { AppFile } from './app-files.ts';

/**
 * The gzipped tar of an app, made while it is sent; one file at a time is in memory. The same content gives the
 * same entries: sorted, without times and owners.
 *
 * @param replaced content that stands in for the file on disk, by path (the stamped manifest)
 */
export function archiveApp(
  root: string,
  files: readonly AppFile[],
  replaced: ReadonlyMap<string, string>,
): ReadableStream<Uint8Array> {
  const tar = pack();
  const out = new PassThrough();
  const entries = async () => {
    for (const file of files) {
      const content = Buffer.from(replaced.get(file.path) ?? (await readFile(join(root, file.path))));
      await new Promise<void>((resolve, reject) => {
        const header = { name: file.path, mode: file.executable ? 0o755 : 0o644, mtime: new Date(0) };
        tar.entry(header, content, (error) => (error ? reject(error) : resolve()));
      });
    }
    tar.finalize();
  };
  entries().catch((error: Error) => tar.destroy(error));
  pipeline(tar, createGzip(), out).catch((error: Error) => out.destroy(error)); // reaches whoever reads `out`
  return Readable.toWeb(out) as ReadableStream<Uint8Array>;
}
