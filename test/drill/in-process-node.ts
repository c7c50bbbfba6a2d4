import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolderStore } from '../../src/artifacts/index.ts';
import { type Clock, silentLogger, systemClock } from '../../src/kit/index.ts';
import { type LogStore, openKeyring, openSqliteLog, sealedLog } from '../../src/log/index.ts';
import { startNode } from '../../src/node/index.ts';

/** A node in this process, without any host: its log, its state and its API are the real ones. */
export interface InProcessNode extends AsyncDisposable {
  readonly log: LogStore;
  /** @param token default: the owner's */
  call(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<{ status: number; json: Reply }>;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of all routes
type Reply = any;

/** @throws what the office says when it cannot start; nothing is left open then */
export async function openNode(home: string, clock: Clock = systemClock): Promise<InProcessNode> {
  const kept = await openSqliteLog({ file: join(home, 'log.db'), clock });
  const log = sealedLog(kept, await openKeyring(join(home, 'keys')));
  const store = await openFolderStore(join(home, 'objects'));
  const bind = { host: '127.0.0.1', port: 0 };
  const options = { home, bind, log, store, logger: silentLogger(), clock };
  const node = await startNode(options).catch(async (error: unknown) => {
    await log.close();
    throw error;
  });
  const owner = (await readFile(node.ownerKeyFile, 'utf8')).trim();
  return {
    log,
    async call(method, path, body, token = owner) {
      const response = await fetch(`${node.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, json: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      await node.close();
      await log.close();
    },
  };
}
