import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { mendHeader } from './header.ts';
import { openSource, type Source } from './sources.ts';

/** A source and what was made to read it. */
export interface OpenedSource {
  readonly source: Source;
  close(): void;
}

/**
 * Opens a file to take events from it. One that SQLite does not take for a database is opened as a copy whose header
 * has been put right: what a log's header holds is known.
 *
 * @param scratch path that the copy may have
 */
export function openDamaged(path: string, scratch: string): OpenedSource {
  const source = openSource(path);
  if (source.file.db !== null || !existsSync(path)) return { source, close: () => source.file.close() };
  copyFileSync(path, scratch);
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${scratch}-wal`);
  mendHeader(scratch);
  const mended = openSource(scratch);
  return {
    source: mended,
    close() {
      mended.file.close();
      for (const ending of ['', '-wal', '-shm']) rmSync(`${scratch}${ending}`, { force: true });
    },
  };
}
