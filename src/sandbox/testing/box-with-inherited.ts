import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { openBox } from '../open-box.ts';

/** A process that was started with a descriptor, says what it reads there, and what a box of its own reads there. */
const [home = '', fd = ''] = process.argv.slice(2);
process.stdout.write(`owner: ${readFileSync(`/proc/self/fd/${fd}`, 'utf8')}\n`);
const script = `
  const { readFileSync } = require('node:fs');
  let read = '';
  try { read = readFileSync(${fd}, 'utf8'); } catch {}
  console.log('box: ' + (read || 'nothing'));`;
const box = await openBox({
  profile: 'app',
  place: { home },
  label: 'a test',
  argv: ['/bin/node', '-e', script],
  env: {},
  files: [{ from: process.execPath, to: '/bin/node' }],
  bounds: { memoryBytes: 256 << 20, cpus: 1, tasks: 64, tmpBytes: 1 << 20, openFiles: 256 },
  stdio: ['ignore', 'pipe', 'ignore'],
});
process.stdout.write(await text(box.child.stdout as NodeJS.ReadableStream));
await box.ended;
