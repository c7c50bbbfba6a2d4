// `npm run drill`: the machine fails under an office, again and again, and what it promised is counted (docs/when-the-disk-betrays-you.md).
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { ROOT } from './node26.mjs';
import { runInForeground } from './run.mjs';

const node = await ensureInstalled();
process.exitCode = await runInForeground(node, [
  join(ROOT, 'test', 'drill', 'main.ts'),
  ...process.argv.slice(2),
]);
