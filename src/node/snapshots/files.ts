import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid, writeFileAtomic } from '../../kit/index.ts';

/** A state as it lies on disk. */
export interface SnapshotFile {
  /** Position of the last event in it. */
  readonly position: number;
  /**
   * Id of the event at that position. The log may have been put back to an older copy and have grown again: then
   * another event stands there.
   */
  readonly event: string;
  /** What `encodeSnapshot` made. */
  readonly bytes: Uint8Array;
}

/** The newest ones are kept: one may be damaged, and the office as it was is folded from the nearest before. */
const KEPT = 3;
const NAME = /^(\d{1,15})\.snapshot$/;
const NEWLINE = 0x0a;
/** Bytes of a UUID and the end of its line. */
const FIRST_LINE = 37;

/** The snapshots of a home, `TABBIFY_HOME/snapshots/<position>.snapshot`. */
export interface SnapshotFolder {
  /** Positions of those that are there, newest first. */
  positions(): Promise<number[]>;
  /** Id of the event at that position; null when the file is not a snapshot. Reads its first line alone. */
  eventOf(position: number): Promise<string | null>;
  /** What `encodeSnapshot` made; it may be damaged, that is for `decodeSnapshot` to say. */
  read(position: number): Promise<Uint8Array>;
  /** Writes it whole or not at all, and removes what is older than the newest three. @throws the file system's error */
  write(snapshot: SnapshotFile): Promise<void>;
  remove(position: number): Promise<void>;
}

export function snapshotFolder(home: string): SnapshotFolder {
  const folder = join(home, 'snapshots');
  const fileOf = (position: number) => join(folder, `${position}.snapshot`);
  const remove = (position: number) => rm(fileOf(position), { force: true });
  const positions = async () => {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const found = names.flatMap((name) => NAME.exec(name)?.[1] ?? []);
    return found.map(Number).sort((a, b) => b - a);
  };
  return {
    positions,
    remove,
    async eventOf(position) {
      await using file = await open(fileOf(position));
      const { buffer, bytesRead } = await file.read(Buffer.alloc(FIRST_LINE), 0, FIRST_LINE, 0);
      const event = buffer.toString('latin1', 0, Math.max(0, bytesRead - 1));
      return buffer[FIRST_LINE - 1] === NEWLINE && isUuid(event) ? event : null;
    },
    async read(position) {
      return (await readFile(fileOf(position))).subarray(FIRST_LINE);
    },
    async write({ position, event, bytes }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await removeUnfinished(folder);
      await writeFileAtomic(fileOf(position), Buffer.concat([Buffer.from(`${event}\n`), bytes]));
      for (const old of (await positions()).slice(KEPT)) await remove(old);
    },
  };
}

/** What a killed writer left behind. Snapshots are written one at a time, so none of them is under way. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
  }
}
