import { SECRET_FILES } from '../../../runtime.ts';
import type { Guest } from '../../guest.ts';
import type { IoError } from '../io/io-error.ts';
import type { AppFiles } from './app-files.ts';
import { Descriptor } from './descriptor.ts';
import { DirectoryEntryStream } from './directory-entries.ts';
import { READ_ONLY_ROOT, ROOT } from './opened.ts';

/** Where an app finds its files. */
const MOUNT = '/data';

/** The folders that an app has to begin with; null: it has no such one. */
export interface AppFolders {
  readonly files: AppFiles | null;
  readonly secretFiles: AppFiles | null;
  /** Told when there is no room left for what it would write. */
  readonly onFilesFull: () => void;
}

/**
 * The interfaces of `wasi:filesystem` by name: an app that keeps data has a folder for it to begin with, one that is given secrets as files
 * another, any other has none, so that nothing can be opened.
 */
export function filesystem(
  guest: Guest,
  { files, secretFiles, onFilesFull: onFull }: AppFolders,
): Readonly<Record<string, object>> {
  const folder = (source: AppFiles, root: typeof ROOT): Descriptor =>
    new Descriptor({ guest, files: source, onFull, changes: { count: 0 } }, root);
  return {
    'wasi:filesystem/preopens': {
      getDirectories: () => [
        ...(files === null ? [] : [[folder(files, ROOT), MOUNT]]),
        ...(secretFiles === null ? [] : [[folder(secretFiles, READ_ONLY_ROOT), SECRET_FILES]]),
      ],
    },
    'wasi:filesystem/types': {
      Descriptor,
      DirectoryEntryStream,
      filesystemErrorCode: (error: IoError) => error.filesystemErrorCode,
    },
  };
}
