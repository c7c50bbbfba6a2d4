// `npm run bench`: measures this office beside its peers in one run (bench/README.md).
import { join } from 'node:path';
import { ensureDebianPackages } from './debian.mjs';
import { ensureInstalled } from './install.mjs';
import { ROOT } from './node26.mjs';
import { runInForeground } from './run.mjs';

const node = await ensureInstalled();
await ensureDebianPackages({
  nginx: 'nginx',
  bwrap: 'bubblewrap',
  wrk: 'wrk',
  'nats-server': 'nats-server',
  'clang-14': 'clang-14',
});
process.exitCode = await runInForeground(node, [join(ROOT, 'bench', 'main.ts'), ...process.argv.slice(2)]);
