import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolderStore } from '../../../src/artifacts/index.ts';
import { type Clock, silentLogger } from '../../../src/kit/index.ts';
import { type LogStore, openKeyring, openSqliteLog, sealedLog } from '../../../src/log/index.ts';
import { startNode } from '../../../src/node/index.ts';

/** A node in this process, by a clock that can be set. */
export interface ClockedNode extends AsyncDisposable {
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

export async function openClockedNode(home: string, clock: Clock): Promise<ClockedNode> {
  const kept = await openSqliteLog({ file: join(home, 'log.db'), clock });
  const log = sealedLog(kept, await openKeyring(join(home, 'keys')));
  const store = await openFolderStore(join(home, 'objects'));
  const bind = { host: '127.0.0.1', port: 0 };
  const node = await startNode({ home, bind, log, store, logger: silentLogger(), clock });
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
