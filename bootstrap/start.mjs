// `npm start`: installs what is missing, then opens the office on this machine.
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { OFFICE_FLAGS, ROOT } from './node26.mjs';
import { runInForeground } from './run.mjs';

const node = await ensureInstalled();
process.exitCode = await runInForeground(node, [
  ...OFFICE_FLAGS,
  join(ROOT, 'bin', 'tabbify.mjs'),
  'up',
  ...process.argv.slice(2),
]);
