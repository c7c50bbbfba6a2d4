import { dirname } from 'node:path';
import {
  boundDataProgram,
  createDataClient,
  createDataHandler,
  type DataClient,
  type DataHandler,
  dataFolder,
  dataSocket,
  laidDownDataProgram,
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
      const laidDown = laidDownDataProgram(dirname(mainPath), { node: nodePath, cachePath });
      // a supervisor has no bound that the process could have from it
      const program = boundDataProgram(laidDown);
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
