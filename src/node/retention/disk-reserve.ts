import { statfs } from 'node:fs/promises';
import type { Logger } from '../../kit/index.ts';
import { logError } from '../../log/index.ts';

/** How full the disk of the home is. */
export interface DiskReserve {
  /** Bytes that were free when it was last looked at. */
  readonly freeBytes: number;
  /** Why no `traffic` is taken now; null: it is. */
  refusal(): Error | null;
  /** Looks now. */
  look(): Promise<void>;
  close(): void;
}

/** Milliseconds between two looks: at 50 MB/s a reserve of 256 MB is not used up in between. */
const LOOK_EVERY_MS = 3_000;

/** Bytes free to this process on the disk of a directory. */
export async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/**
 * Watches the disk of the home, so that what comes from outside cannot fill it up: the office's own events, reading and
 * erasing need what is left.
 */
export async function watchDisk(
  reserveBytes: number,
  freeBytes: () => Promise<number>,
  logger: Logger,
): Promise<DiskReserve> {
  let free = Number.POSITIVE_INFINITY;
  let low = false;
  const look = async () => {
    try {
      free = await freeBytes();
    } catch (error) {
      logger.warn({ err: error }, 'cannot see how full the disk is');
      return;
    }
    if (low !== free < reserveBytes) {
      low = !low;
      if (low)
        logger.error(
          { free, reserve: reserveBytes },
          'the disk is nearly full: nothing from outside is taken',
        );
      else logger.warn({ free, reserve: reserveBytes }, 'the disk has room again');
    }
  };
  await look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  return {
    get freeBytes() {
      return free;
    },
    refusal() {
      if (!low) return null;
      return logError('log_unavailable', {
        what: 'The event was not appended',
        why: `the disk is nearly full: ${megabytes(free)} MB are free, and the last ${megabytes(reserveBytes)} MB are kept for the office itself`,
        hint: 'Make room on the disk of the office’s home, then send it again with the same id',
      });
    },
    look,
    close: () => clearInterval(timer),
  };
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}
