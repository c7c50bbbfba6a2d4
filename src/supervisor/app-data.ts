import { dirname, join } from 'node:path';
import {
  createDataClient,
  createDataHandler,
  DATA_PROGRAM,
  type DataClient,
  type DataHandler,
  dataFolder,
  dataSocket,
} from '../data/index.ts';
import type { RunnerBundle } from '../runner/index.ts';
import type { Assignment } from './protocol.ts';

/** The data of this host's apps, for people who ask the node for it (CONTRACTS §7): from the processes that serve the apps. */
export interface AppsData {
  /** @throws TabbifyError `bundle_failed` */
  handlerOf(assignment: Assignment): Promise<DataHandler>;
  /** Leaves the processes to the apps. */
  close(): void;
}

/** MiB of private memory of a data process that a supervisor starts; what a runner starts has the runner's bound. */
const MEMORY_MB = 640 + 512;

export function createAppsData(options: {
  readonly home: string;
  readonly socketDirectory: string;
  readonly bundle: () => Promise<RunnerBundle>;
}): AppsData {
  const { home, socketDirectory } = options;
  const known = new Map<string, { readonly client: DataClient; readonly handler: DataHandler }>();
  const noData = createDataHandler(null);
  return {
    async handlerOf({ app, environment, settings }) {
      const { data_mb: dataMb } = settings;
      if (dataMb === undefined) return noData;
      const key = `${app} ${environment} ${dataMb}`;
      const found = known.get(key);
      if (found !== undefined) return found.handler;
      const { nodePath, mainPath, cachePath } = await options.bundle();
      const folder = dataFolder(home, app, environment);
      const program = {
        node: nodePath,
        program: join(dirname(mainPath), DATA_PROGRAM.name),
        env: { NODE_COMPILE_CACHE: cachePath },
        dataBytes: MEMORY_MB * 1024 * 1024,
      };
      const client = createDataClient({
        folder,
        socket: dataSocket(socketDirectory, folder),
        dataMb,
        program,
      });
      const made = { client, handler: createDataHandler(client) };
      known.set(key, made);
      return made.handler;
    },
    close() {
      for (const { client } of known.values()) client.close();
      known.clear();
    },
  };
}
