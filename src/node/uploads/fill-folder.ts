import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ListedFile, StagedContents } from '../../artifacts/index.ts';

/**
 * Puts files into an empty folder: of what was uploaded, else of an earlier version.
 *
 * @param earlier null: no earlier version has it
 * @returns the first file whose content is nowhere; null: all are there
 */
export async function fillFolder(
  folder: string,
  files: readonly ListedFile[],
  uploaded: StagedContents,
  earlier: (sha256: string) => Promise<Readable> | null,
): Promise<ListedFile | null> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const file of files) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (await uploaded.place(file.sha256, path)) continue;
    const source = earlier(file.sha256);
    if (source === null) return file;
    await pipeline(await source, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  }
  return null;
}
