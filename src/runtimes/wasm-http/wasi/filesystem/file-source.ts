import type { Guest } from '../../guest.ts';
import type { ByteSource } from '../io/input-stream.ts';
import { CLOSED, fileStreamFailure } from '../io/io-error.ts';
import { Watchers } from '../io/waitable.ts';
import { FilesError } from './app-files.ts';
import type { OpenedFile } from './opened-file.ts';

/** Bytes that are asked for at once: what the guest most likely reads next. */
export const READ_AHEAD_BYTES = 64 * 1024;

const NOTHING = new Uint8Array(0);

/**
 * Where the bytes of `read-via-stream` come from: a file, from a place on. Nothing is read before the guest wants it, and nothing is kept that
 * was read before the instance changed a file.
 */
export function fileSource(guest: Guest, file: OpenedFile, from: number): ByteSource {
  const watchers = new Watchers();
  let offset = from;
  let ahead: Uint8Array = NOTHING;
  /** `OpenedFile.changes` when what is ahead was asked for. */
  let askedAt = 0;
  let isAsking = false;
  let isAtEnd = false;
  let failed: FilesError | null = null;

  function ask(): void {
    if (isAsking || failed !== null) return;
    isAsking = true;
    askedAt = file.changes;
    file
      .call({ op: 'read', handle: file.handle, offset, length: READ_AHEAD_BYTES })
      .then(
        ({ bytes }) => {
          ahead = bytes;
          isAtEnd = bytes.length === 0;
        },
        (error: unknown) => {
          failed = error instanceof FilesError ? error : new FilesError('io');
        },
      )
      .finally(() => {
        isAsking = false;
        watchers.wakeAll();
      });
  }

  const isOutdated = (): boolean => isAsking || askedAt !== file.changes;

  return {
    ready: () => failed !== null || (!isOutdated() && (ahead.length > 0 || isAtEnd)),
    watch(wake) {
      watchers.add(wake);
      ask();
    },
    unwatch: (wake) => watchers.delete(wake),
    read(limit) {
      if (failed !== null) throw fileStreamFailure(guest, failed.code);
      if (isOutdated() || (ahead.length === 0 && !isAtEnd)) {
        ask();
        return NOTHING;
      }
      if (isAtEnd) {
        isAtEnd = false; // a file may grow: who reads on is told anew
        throw CLOSED;
      }
      const part = ahead.slice(0, limit);
      ahead = ahead.subarray(part.length);
      offset += part.length;
      return part;
    },
  };
}
