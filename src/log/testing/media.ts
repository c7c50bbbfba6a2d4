import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import type { KeptLogUnderTest, LogUnderTest } from '../conformance/index.ts';
import type { LogRouteOptions } from '../http/routes.ts';
import { type LogStore, openRemoteLog, openSqliteLog, type ServedLog, type SqliteLog } from '../index.ts';
import { TEST_TOKEN, testApp } from './app.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export { temporaryDirectory };

export async function sqliteMedium(): Promise<KeptLogUnderTest> {
  const directory = await temporaryDirectory();
  let now = 0;
  return {
    open: () =>
      openSqliteLog({
        file: join(directory.path, 'log.db'),
        clock: { now: () => now || Date.now() },
      }),
    setClock(ms) {
      now = ms;
    },
    async contents() {
      const names = await readdir(directory.path, { recursive: true, withFileTypes: true });
      const files = names.filter((entry) => entry.isFile());
      return Buffer.concat(
        await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name)))),
      );
    },
    dispose: directory.dispose,
  };
}

/** A server on a free port of loopback around a SQLite log, as the node is. */
export interface LogServer {
  readonly url: string;
  readonly port: number;
  readonly store: SqliteLog;
  close(): Promise<void>;
}

/**
 * @param port 0 for any free one
 * @param between puts something between the routes and the store
 */
export async function startLogServer(
  file: string,
  port = 0,
  options: LogRouteOptions = {},
  between: (store: SqliteLog) => ServedLog = (store) => store,
): Promise<LogServer> {
  const store = await openSqliteLog({ file });
  const { promise: listening, resolve } = Promise.withResolvers<number>();
  const server: ServerType = serve(
    { fetch: testApp(between(store), options).fetch, hostname: '127.0.0.1', port },
    (info: { port: number }) => resolve(info.port),
  );
  const bound = await listening;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    store,
    async close() {
      const closed = new Promise((done) => server.close(done));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
      await store.close();
    },
  };
}

/** RemoteLog against a server that starts and stops with it. */
export async function remoteMedium(): Promise<LogUnderTest> {
  const directory = await temporaryDirectory();
  return {
    async open(): Promise<LogStore> {
      const server = await startLogServer(join(directory.path, 'log.db'));
      const log = openRemoteLog({ url: server.url, token: TEST_TOKEN });
      let closed: Promise<void> | null = null;
      const close = async () => {
        await log.close();
        await server.close();
      };
      return {
        ...log,
        close: () => {
          closed ??= close();
          return closed;
        },
      };
    },
    dispose: directory.dispose,
  };
}
