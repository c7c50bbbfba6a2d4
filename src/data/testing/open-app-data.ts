import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createAppApi } from '../app-api/app-api.ts';
import { createDataClient, type DataClient } from '../client/data-client.ts';
import { endDataProcess } from '../client/end-process.ts';
import { dataSocket } from '../client/layout.ts';
import type { DataProgram } from '../client/start-process.ts';
import { ownDataProgram } from '../data-program.ts';
import { DEFAULT_DATA_MB } from '../limits.ts';

/** The data of one app, for whoever runs it outside of an office: tests and benchmarks. */
export interface AppData {
  /** The app API, as `openChannel` takes it. */
  readonly platform: (stream: Duplex) => void;
  readonly client: DataClient;
  /** Ends the process that serves the data; the data stays. */
  close(): Promise<void>;
}

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
    platform: createAppApi(client, true),
    client,
    async close() {
      client.close();
      await endDataProcess(folder);
      rmSync(sockets, { recursive: true, force: true });
    },
  };
}
