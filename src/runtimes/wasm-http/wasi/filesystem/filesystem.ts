import type { Guest } from '../../guest.ts';
import type { IoError } from '../io/io-error.ts';
import type { AppFiles } from './app-files.ts';
import { Descriptor } from './descriptor.ts';
import { DirectoryEntryStream } from './directory-entries.ts';

/** Where an app finds its files. */
const MOUNT = '/data';

/**
 * The interfaces of `wasi:filesystem` by name: an app that keeps data has one folder to begin with, any other has none, so that nothing can be opened.
 *
 * @param files null: it has none
 * @param onFull told when there is no room left for what it would write
 */
export function filesystem(
  guest: Guest,
  files: AppFiles | null,
  onFull: () => void,
): Readonly<Record<string, object>> {
  const all = files === null ? null : { guest, files, onFull, changes: { count: 0 } };
  return {
    'wasi:filesystem/preopens': {
      getDirectories: () => (all === null ? [] : [[new Descriptor(all), MOUNT]]),
    },
    'wasi:filesystem/types': {
      Descriptor,
      DirectoryEntryStream,
      filesystemErrorCode: (error: IoError) => error.filesystemErrorCode,
    },
  };
}
