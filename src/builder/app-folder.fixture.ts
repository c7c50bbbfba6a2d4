import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A temporary folder that removes itself at the end of an `await using` block. */
export interface TemporaryFolder extends AsyncDisposable {
  /** Real path. */
  readonly path: string;
  /** Writes files by their path inside the folder, and gives back the folder's path. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<string>;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'tabbify-builder-')));
  return {
    path,
    async write(files) {
      for (const [name, content] of Object.entries(files)) {
        const file = join(path, name);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
      }
      return path;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
