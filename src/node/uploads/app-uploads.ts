import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { openStagedContents, type StagedContents } from '../../artifacts/index.ts';
import { writeFileAtomic } from '../../kit/index.ts';
import type { Place, Reservations } from '../versions/reservations.ts';
import { lengthOf, type OpenUpload, uploadRecord } from './open-upload.ts';

/** The one upload of an app that bytes come in for. */
export interface Writer {
  readonly id: string;
  readonly stop: AbortController;
  /** Resolves when nothing of it writes any longer. */
  readonly done: Promise<void>;
}

/** The open uploads of one app, with the contents that they share. */
export interface AppUploads {
  readonly place: Place;
  readonly contents: StagedContents;
  readonly open: Map<string, OpenUpload>;
  writer: Writer | null;
  /** Keeps a new one, on disk as well. */
  add(upload: OpenUpload): Promise<void>;
  /** Something was heard of it. */
  touch(upload: OpenUpload, now: number): Promise<void>;
  /** Ends uploads, and removes the contents that no other one needs. */
  end(uploads: readonly OpenUpload[]): Promise<void>;
}

/**
 * Opens what is kept of an app's uploads: `<folder>/<id>.json` and `<folder>/contents/`.
 *
 * @param reservations gets what those that are still open will take
 */
export async function openAppUploads(
  folder: string,
  place: Place,
  reservations: Reservations,
): Promise<AppUploads> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const contents = await openStagedContents(join(folder, 'contents'));
  const open = new Map<string, OpenUpload>();
  const recordOf = (id: string) => join(folder, `${id}.json`);
  for (const name of await readdir(folder)) {
    if (name === 'contents') continue;
    const record = await readRecord(join(folder, name));
    if (record === null) await rm(join(folder, name), { recursive: true, force: true });
    else {
      const release = reservations.reserve(place, lengthOf(record.files));
      open.set(record.id, {
        ...place,
        ...record,
        length: lengthOf(record.missing),
        begunAt: record.touchedAt,
        busy: false,
        release,
      });
    }
  }
  return {
    place,
    contents,
    open,
    writer: null,
    async add(upload) {
      const { id, files, missing, touchedAt } = upload;
      open.set(id, upload);
      await writeFileAtomic(recordOf(id), JSON.stringify({ id, files, missing }));
      await utimes(recordOf(id), touchedAt / 1000, touchedAt / 1000);
    },
    async touch(upload, now) {
      upload.touchedAt = now;
      if (open.has(upload.id)) await utimes(recordOf(upload.id), now / 1000, now / 1000);
    },
    async end(uploads) {
      for (const { id, release } of uploads) {
        open.delete(id);
        release();
        await rm(recordOf(id), { force: true });
      }
      await contents.keep(
        new Set([...open.values()].flatMap(({ missing }) => missing.map((one) => one.sha256))),
      );
    },
  };
}

/** Null for what was cut off while it was written. */
async function readRecord(path: string) {
  try {
    const touchedAt = (await stat(path)).mtimeMs;
    const read = uploadRecord.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return read.success ? { ...read.data, touchedAt } : null;
  } catch {
    return null;
  }
}
