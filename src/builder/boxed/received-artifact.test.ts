import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../app-folder.fixture.ts';
import { receiveArtifact } from './received-artifact.ts';

it('puts the parts of each file together', async () => {
  await using folder = await temporaryFolder();
  const artifact = receiveArtifact('module');
  expect(artifact.begin('app.mjs', 8)).toBeNull();
  for (const part of ['one', ', two']) artifact.take(Buffer.from(part));
  expect(artifact.begin('artifact.json', 2)).toBeNull();
  artifact.take(Buffer.from('{}'));
  expect(artifact.begin('app.mjs.map', 0)).toBeNull();
  const to = join(folder.path, 'artifact');
  await artifact.write(to);
  expect((await readdir(to)).toSorted()).toEqual(['app.mjs', 'app.mjs.map', 'artifact.json']);
  expect(await readFile(join(to, 'app.mjs'), 'utf8')).toBe('one, two');
  expect(await readFile(join(to, 'app.mjs.map'), 'utf8')).toBe('');
});

it.each(['../app.mjs', '/etc/passwd', 'app.mjs/x', 'app.mjs\0', '.', '', 'app.core.wasm', 'warnings.json'])(
  'takes no file of another name: %j',
  (name) => {
    expect(receiveArtifact('module').begin(name, 0)).toContain('no file');
  },
);

it('takes the core modules of a component, each once', () => {
  const artifact = receiveArtifact('wasm-http');
  for (const name of ['app.mjs', 'app.core.wasm', 'app.core2.wasm', 'artifact.json'])
    expect(artifact.begin(name, 0)).toBeNull();
  expect(artifact.begin('app.core2.wasm.mjs', 0)).not.toBeNull();
  expect(artifact.begin('app.mjs', 0)).toContain('one file');
});

it('takes so much and no more', () => {
  const artifact = receiveArtifact('wasm-http');
  const answers = Array.from({ length: 13 }, (_, n) => artifact.begin(`app.core${n}.wasm`, 16 << 20));
  expect(answers.findIndex((answer) => answer !== null)).toBe(12);
});
