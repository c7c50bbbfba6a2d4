import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runChild } from '../../kit/index.ts';
import { removeForeign } from './remove-foreign.ts';

it('removes folders in folders, folders that nobody may enter and links, and nothing that those lead to', async () => {
  const home = mkdtempSync(join(tmpdir(), 'tabbify-foreign-'));
  writeFileSync(join(home, 'canary'), 'untouched');
  const folder = join(home, 'work');
  mkdirSync(join(folder, 'closed/inside'), { recursive: true });
  symlinkSync('..', join(folder, 'out'));
  chmodSync(join(folder, 'closed'), 0);
  const deep =
    "const fs = require('fs'); for (let i = 0; i < 4000; i++) { fs.mkdirSync('a'); process.chdir('a'); }";
  const { code } = await runChild(process.execPath, ['-e', deep], {
    cwd: folder,
    env: {},
    timeoutMs: 30_000,
  });
  expect(code).toBe(0);
  await removeForeign(folder);
  expect([existsSync(folder), readFileSync(join(home, 'canary'), 'utf8')]).toEqual([false, 'untouched']);
  await removeForeign(home);
  await removeForeign(home);
});
