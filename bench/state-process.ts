import { once } from 'node:events';
import { join } from 'node:path';
import { openFolderStore } from '../src/artifacts/index.ts';
import { silentLogger } from '../src/kit/index.ts';
import { openKeyring, openSqliteLog, sealedLog } from '../src/log/index.ts';
import { startNode } from '../src/node/index.ts';
import { pssMb, rssMb } from './memory.ts';

/** What the process says once the node answers, over its IPC channel. */
export interface NodeReady {
  readonly url: string;
  readonly ownerKeyFile: string;
  /** From opening the log to answering, in milliseconds. */
  readonly readyMs: number;
  readonly rssMb: number;
  readonly pssMb: number;
}

/** The node of a home as `tabbify node` opens it, in a process of its own, until it is told to end. */
const [home = ''] = process.argv.slice(2);
const logger = silentLogger();
const began = performance.now();
const kept = await openSqliteLog({ file: join(home, 'log.db'), logger });
const log = sealedLog(kept, await openKeyring(join(home, 'keys')));
const store = await openFolderStore(join(home, 'objects'));
const node = await startNode({ home, bind: { host: '127.0.0.1', port: 0 }, log, store, logger });
const readyMs = performance.now() - began;
process.send?.({
  url: node.url,
  ownerKeyFile: node.ownerKeyFile,
  readyMs,
  rssMb: await rssMb(process.pid),
  pssMb: await pssMb(process.pid),
} satisfies NodeReady);
await once(process, 'message');
await node.close();
await log.close();
process.disconnect?.();
