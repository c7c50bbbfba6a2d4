import { fileStreamFailure } from '../io/io-error.ts';
import type { ByteSink } from '../io/output-stream.ts';
import { Watchers } from '../io/waitable.ts';
import { FilesError } from './app-files.ts';
import type { FilesHost } from './call.ts';
import type { OpenedFile } from './opened-file.ts';

/** Bytes of one write. */
const CHUNK = 64 * 1024;

/**
 * Where the bytes of `write-via-stream` and `append-via-stream` go. One write is under way at a time, and ready is who has none: a flush
 * therefore has waited for all of them.
 *
 * @param from place in the file; null: its end, with each write anew
 */
export function fileSink(host: FilesHost, file: OpenedFile, from: number | null): ByteSink {
  const { guest } = host;
  const { handle } = file;
  const watchers = new Watchers();
  let offset = from ?? 0;
  let isWriting = false;
  let failed: FilesError | null = null;

  async function writeAll(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const place =
        from === null ? ({ op: 'append', handle } as const) : ({ op: 'write', handle, offset } as const);
      const size = (await file.change(place, rest)).reply.size ?? 0;
      if (size === 0) throw new FilesError('io');
      offset += size;
      rest = rest.subarray(size);
    }
  }

  return {
    ready: () => !isWriting,
    watch: (wake) => watchers.add(wake),
    unwatch: (wake) => watchers.delete(wake),
    permit() {
      if (failed !== null) throw fileStreamFailure(guest, failed.code);
      return isWriting ? 0 : CHUNK;
    },
    write(bytes) {
      if (bytes.length === 0) return;
      guest.holdBytes(bytes.length);
      isWriting = true;
      const goesOn = (): void => {};
      guest.beginTask(goesOn); // it cannot be called back, and its instance is not at rest before
      file.retain(); // whoever writes may let go of the stream at once
      void writeAll(bytes.slice()) // the guest's memory is its own again
        .catch((error: unknown) => {
          failed = error instanceof FilesError ? error : new FilesError('io');
          if (failed.code === 'quota') host.onFull();
        })
        .finally(() => {
          isWriting = false;
          guest.releaseBytes(bytes.length);
          guest.endTask(goesOn);
          file.release();
          watchers.wakeAll();
        });
    },
  };
}
