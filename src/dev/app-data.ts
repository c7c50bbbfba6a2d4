import { join } from 'node:path';
import type { Manifest } from '../app/index.ts';
import {
  createDataClient,
  type DataClient,
  dataFolder,
  dataSocket,
  endAllData,
  ownDataProgram,
  removeAppData,
} from '../data/index.ts';

/** Where the data of an app lie that is being written: in its folder, from where no push takes them. */
const FOLDER = join('.tabbify', 'dev');
/** An app's folder holds one app. */
const APP = 'app';

/** Keys and SQL of an app that is being written. */
export interface DevData {
  /** Null: the app keeps none. */
  of(manifest: Manifest): DataClient | null;
  /** Ends the process that serves them; they stay. */
  close(): Promise<void>;
}

/** @param root the app's folder; @param sockets see `RuntimePlace` */
export function openDevData(root: string, sockets: string): DevData {
  const home = join(root, FOLDER);
  const folder = dataFolder(home, APP, 'dev');
  let open: { readonly dataMb: number; readonly client: DataClient } | null = null;
  return {
    of({ runtime: { stateful, dataMb } }) {
      if (!stateful) return null;
      if (open?.dataMb === dataMb) return open.client;
      open?.client.close();
      const client = createDataClient({
        ...{ folder, dataMb, socket: dataSocket(sockets, folder) },
        program: ownDataProgram(),
      });
      open = { dataMb, client };
      return client;
    },
    async close() {
      if (open === null) return;
      open.client.close();
      await endAllData(home);
    },
  };
}

/** Removes all that an app has stored while it was written. @param root its folder */
export function resetDevData(root: string): Promise<void> {
  return removeAppData(join(root, FOLDER), APP);
}
