import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppData, openAppData } from '../open-app-data.ts';

/** A folder with the data of an app, gone with all that serves it at the end. */
export interface DataFolder extends AsyncDisposable {
  readonly folder: string;
  /** Opens it once more, as another runner would. */
  open(dataMb?: number): AppData;
}

export async function dataFolderForTest(): Promise<DataFolder> {
  const root = await mkdtemp(join(tmpdir(), 'data-'));
  const folder = join(root, 'app', 'production');
  const opened: AppData[] = [];
  return {
    folder,
    open(dataMb) {
      const data = openAppData({ folder, ...(dataMb !== undefined && { dataMb }) });
      opened.push(data);
      return data;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((each) => each.close()));
      await rm(root, { recursive: true, force: true });
    },
  };
}
