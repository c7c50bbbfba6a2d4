import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataProgram } from '../client/start-process.ts';
import { ownDataProgram } from '../data-program.ts';
import { type DataRecord, readRecord } from '../process/record.ts';
import { type AppData, openAppData } from './open-app-data.ts';

/** A folder with the data of an app, gone with all that serves it at the end. */
export interface DataFolder extends AsyncDisposable {
  readonly folder: string;
  /** Opens it once more, as another runner would. */
  open(dataMb?: number): AppData;
  /** Who serves it now, as its record says; throws when there is no record. */
  record(): Promise<DataRecord>;
}

export async function dataFolderForTest(program: Partial<DataProgram> = {}): Promise<DataFolder> {
  const root = await mkdtemp(join(tmpdir(), 'data-'));
  const folder = join(root, 'data', 'app', 'production');
  const opened: AppData[] = [];
  return {
    folder,
    open(dataMb) {
      const data = openAppData({
        folder,
        program: { ...ownDataProgram(), ...program },
        ...(dataMb !== undefined && { dataMb }),
      });
      opened.push(data);
      return data;
    },
    async record() {
      const record = await readRecord(folder);
      if (record === null || record === 'unreadable') throw new Error('there is no record');
      return record;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((each) => each.close()));
      await rm(root, { recursive: true, force: true });
    },
  };
}
