import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
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

/** The snapshots of a home, `TABBIFY_HOME/snapshots/<position>.snapshot`. */
export interface SnapshotFolder {
  /** Positions of those that are there, newest first. */
  positions(): Promise<number[]>;
  /** @returns null when it cannot be read as one; what is in `bytes` is for `decodeSnapshot` to say */
  read(position: number): Promise<SnapshotFile | null>;
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
    async read(position) {
      const bytes = await readFile(fileOf(position));
      const end = bytes.subarray(0, 64).indexOf(NEWLINE);
      const event = bytes.subarray(0, Math.max(end, 0)).toString('utf8');
      return isUuid(event) ? { position, event, bytes: bytes.subarray(end + 1) } : null;
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
