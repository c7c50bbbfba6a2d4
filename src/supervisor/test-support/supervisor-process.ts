import { join } from 'node:path';
import { openFolderStore } from '../../artifacts/index.ts';
import { silentLogger } from '../../kit/index.ts';
import { startSupervisor } from '../supervisor.ts';

/** A supervisor as a process of its own, to be killed: `node supervisor-process.ts <home> <node url> <owner key> [warm hosts]`. */
const [home = '', nodeUrl = '', ownerKey = '', warmHosts = '0'] = process.argv.slice(2);
const { url } = await startSupervisor({
  home,
  name: 'test',
  nodeUrl,
  ownerKey,
  bind: { host: '127.0.0.1', port: 0 },
  store: await openFolderStore(join(home, 'objects')),
  logger: silentLogger(),
  drainMs: 200,
  warmHosts: Number(warmHosts),
});
process.stdout.write(`${url}\n`);
