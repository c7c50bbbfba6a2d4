import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolderStore } from '../../../src/artifacts/index.ts';
import { silentLogger } from '../../../src/kit/index.ts';
import { startSupervisor } from '../../../src/supervisor/index.ts';

/**
 * The office's supervisor, which kills itself when it comes to a point of its work:
 * `node supervisor-at-point.ts <home> <node url> <point> <how often it passes it first>`.
 */
const [home = '', nodeUrl = '', fatal = '', passes = '0'] = process.argv.slice(2);
/** Milliseconds; short, so that a round need not wait for what is replaced. */
const DRAIN_MS = 200;
let left = Number(passes);

const { url } = await startSupervisor({
  home,
  name: 'local',
  nodeUrl,
  ownerKey: (await readFile(join(home, 'node.key'), 'utf8')).trim(),
  bind: { host: '127.0.0.1', port: 0 },
  store: await openFolderStore(join(home, 'objects')),
  logger: silentLogger(),
  drainMs: DRAIN_MS,
  hook(point) {
    if (point !== fatal || left-- > 0) return;
    process.kill(process.pid, 'SIGKILL');
    for (;;); // not one step further
  },
});
process.stdout.write(`${url}\n`);
