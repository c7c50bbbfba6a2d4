import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { belongs, endAllOf } from '../belongings.ts';

/** Begins what outlives it, as offices do with their runners, and waits for `killed.test.ts` to end it. */
const folder = await mkdtemp(join(tmpdir(), 'tabbify-killed-'));
belongs({ home: null, folder, end: () => endAllOf(folder) });
spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)', folder], {
  detached: true,
  stdio: 'ignore',
});
process.stdout.write(`folder=${folder}\n`);
setInterval(() => {}, 1000);
