import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { pipeline as finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import type { FolderFile } from '../folder/folder-files.ts';
import { byBytes } from '../portable-path.ts';
import { listFolder } from './published-files.ts';

export interface PackOptions {
  /** A file that is sent with another content than the one on disk (the stamped manifest), there or not. */
  readonly substitute?: { readonly path: string; readonly content: string };
}

/**
 * A gzipped tar of what a push sends (see `listFolder`). The same files make the same bytes: sorted, without times,
 * owners and modes. The stream fails with `folder_invalid`, or with the file system's error.
 */
export function packFolder(folder: string, options: PackOptions = {}): Readable {
  const gzip = createGzip();
  // An error on the way destroys the gzip stream, which is where the reader sees it.
  pipeline(Readable.from(tarBytes(folder, options), { objectMode: false }), gzip, () => {});
  return gzip;
}

async function* tarBytes(folder: string, { substitute }: PackOptions): AsyncGenerator<Uint8Array> {
  const found = await listFolder(folder);
  const content = substitute && Buffer.from(substitute.content);
  const files: FolderFile[] = found.filter(({ path }) => path !== substitute?.path);
  if (substitute && content) files.push({ path: substitute.path, size: content.length });
  const archive = pack();
  const writing = (async () => {
    for (const file of files.sort((a, b) => byBytes(a.path, b.path))) {
      const body =
        content && file.path === substitute?.path ? Readable.from([content]) : fileBody(folder, file);
      await addEntry(archive, file, body);
    }
    archive.finalize();
  })();
  writing.catch((error: Error) => archive.destroy(error));
  try {
    yield* archive as AsyncIterable<Uint8Array>;
    await writing;
  } finally {
    archive.destroy();
  }
}

/** What the file had when it was listed: one that grows meanwhile (a log) is cut, one that shrinks is an error. */
function fileBody(folder: string, { path, size }: FolderFile): Readable {
  if (size === 0) return Readable.from([]);
  return createReadStream(join(folder, path), { end: size - 1 });
}

async function addEntry(archive: Pack, { path, size }: FolderFile, body: Readable): Promise<void> {
  const header = { name: path, size, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, type: 'file' } as const;
  const through = new PassThrough();
  await finished(body, through, archive.entry(header));
}
