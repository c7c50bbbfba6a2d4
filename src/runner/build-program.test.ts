import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { build } from './build-program.ts';

const SOURCE = `
  import EventEmitter, { once } from 'node:events';
  import fs, { existsSync, readFileSync } from 'node:fs';
  import { randomUUID } from 'node:crypto';
  fs.existsSync = () => 'replaced';
  console.log(JSON.stringify({
    same: fs === process.getBuiltinModule('node:fs'),
    replaced: existsSync('/'),
    read: readFileSync(process.argv[2], 'utf8'),
    emits: new EventEmitter() instanceof process.getBuiltinModule('node:events'),
    named: once === process.getBuiltinModule('node:events').once,
    id: randomUUID().length,
  }));
`;

it('gives a program the modules of node themselves, and the names in them as they are when they are used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'program-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'entry.ts'), SOURCE);
  writeFileSync(join(folder, 'read'), 'what is there');
  const [program] = await build([['program.mjs', join(folder, 'entry.ts')]]);
  writeFileSync(join(folder, 'program.mjs'), program?.code ?? '');
  const args = [join(folder, 'program.mjs'), join(folder, 'read')];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    same: true,
    replaced: 'replaced',
    read: 'what is there',
    emits: true,
    named: true,
    id: 36,
  });
});
