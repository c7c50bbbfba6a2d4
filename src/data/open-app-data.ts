import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createAppApi } from './app-api/app-api.ts';
import { createDataClient, type DataClient } from './client/data-client.ts';
import { endDataProcess } from './client/end-process.ts';
import { dataSocket } from './client/layout.ts';
import type { DataProgram } from './client/start-process.ts';
import { DEFAULT_DATA_MB } from './limits.ts';

/** The data of one app, for whoever runs it outside of an office: `tcli dev`, tests. */
export interface AppData {
  /** The app API, as `openChannel` takes it. */
  readonly platform: (stream: Duplex) => void;
  readonly client: DataClient;
  /** Ends the process that serves the data; the data stays. */
  close(): Promise<void>;
}

/** MiB of private memory of a data process: what node sets aside at its start, and what requests and answers take. */
const MEMORY_MB = 640 + 512;

/** The process of this source tree, run by this node. */
export function ownDataProgram(): DataProgram {
  return {
    node: process.execPath,
    program: DATA_PROGRAM.entry,
    dataBytes: MEMORY_MB * 1024 * 1024,
  };
}

/** What the data process is bundled from, and the file name of the bundle beside the runner's. */
export const DATA_PROGRAM: { readonly name: string; readonly entry: string } = {
  name: 'data.mjs',
  entry: fileURLToPath(import.meta.url).replace(/open-app-data\.(ts|js)$/, 'process/main.$1'),
};

/**
 * Opens the data in a folder, which is made if it is not there. The process is started by the first call and has the data alone: two
 * that open one folder share it.
 *
 * @param folder absolute path; nothing else lies in it
 * @param dataMb quota in MiB; default 1024 (CONTRACTS §4)
 * @param program default: this source tree's
 */
export function openAppData(options: {
  readonly folder: string;
  readonly dataMb?: number;
  readonly program?: DataProgram;
}): AppData {
  const { folder, dataMb = DEFAULT_DATA_MB, program = ownDataProgram() } = options;
  const sockets = mkdtempSync(join(tmpdir(), 'tabbify-data-'));
  const client = createDataClient({ folder, socket: dataSocket(sockets, folder), dataMb, program });
  return {
    platform: createAppApi(client),
    client,
    async close() {
      client.close();
      await endDataProcess(folder);
      rmSync(sockets, { recursive: true, force: true });
    },
  };
}
