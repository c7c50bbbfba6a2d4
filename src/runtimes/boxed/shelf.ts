import { chmod, constants, copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../kit/index.ts';
import { runtimeError } from '../errors.ts';
import { newSocketPath } from './socket-names.ts';

/** A file that is put on a shelf. */
export interface ShelvedFile {
  /** Its name there. */
  readonly name: string;
  readonly from: string;
}

/**
 * A folder that a box shows read-only, empty when the box is opened: what is put there later the guest reads as files. Over a
 * connection the 14 MB of a TypeScript component take 80 ms, as files 8.
 */
export interface Shelf {
  readonly path: string;
  /** Once. @throws TabbifyError `start_failed` when it does not work; what is there of it by then stays until `remove` */
  put(files: readonly ShelvedFile[]): Promise<void>;
  /** What was put there has been read. */
  clear(): Promise<void>;
  /** Waits for what is just being put there, so that nothing is left; from then on nothing can be put. */
  remove(): Promise<void>;
}

/** The guest is another user, who gets there through its box alone: the folder above is closed. */
const READABLE_FOLDER = 0o755;
const READABLE_FILE = 0o644;

/** @param folder 0700 */
export async function openShelf(folder: string): Promise<Shelf> {
  const path = newSocketPath(folder, 's');
  await mkdir(path);
  await chmod(path, READABLE_FOLDER); // whatever the umask says
  let names: readonly string[] = [];
  let putting: Promise<unknown> = Promise.resolve();
  let isRemoved = false;
  return {
    path,
    async put(files) {
      if (isRemoved) throw new Error('its sandbox is gone');
      names = files.map(({ name }) => name);
      const all = Promise.allSettled(files.map((file) => place(file, path)));
      putting = all;
      const failed = (await all).find((each) => each.status === 'rejected');
      if (failed === undefined) return;
      throw runtimeError('start_failed', {
        what: 'The app did not start',
        why: `its files could not be put where its sandbox reads them: ${withoutPaths(failed.reason)}`,
        hint: `Make room in ${folder}`,
        cause: failed.reason,
      });
    },
    async clear() {
      await Promise.all(names.map((name) => rm(join(path, name), { force: true })));
    },
    async remove() {
      isRemoved = true;
      await putting;
      await rm(path, { recursive: true, force: true });
    },
  };
}

async function place({ name, from }: ShelvedFile, path: string): Promise<void> {
  const to = join(path, name);
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(to, READABLE_FILE);
}

/** What the system says, without where it was. */
function withoutPaths(error: unknown): string {
  return messageOf(error).split(', ', 1)[0] ?? '';
}
