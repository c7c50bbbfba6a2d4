import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../app-folder.fixture.ts';
import { receiveArtifact } from './received-artifact.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

it('puts the parts of each file together', async () => {
  await using folder = await temporaryFolder();
  const artifact = receiveArtifact('module');
  for (const part of ['one', ', two']) expect(artifact.take('app.mjs', base64(part))).toBeNull();
  expect(artifact.take('artifact.json', base64('{}'))).toBeNull();
  const to = join(folder.path, 'artifact');
  await artifact.write(to);
  expect((await readdir(to)).toSorted()).toEqual(['app.mjs', 'artifact.json']);
  expect(await readFile(join(to, 'app.mjs'), 'utf8')).toBe('one, two');
});

it.each(['../app.mjs', '/etc/passwd', 'app.mjs/x', 'app.mjs\0', '.', '', 'app.core.wasm', 'warnings.json'])(
  'takes no file of another name: %j',
  (name) => {
    expect(receiveArtifact('module').take(name, '')).toContain('no file');
  },
);

it('takes the core modules of a component', () => {
  const artifact = receiveArtifact('wasm-http');
  for (const name of ['app.mjs', 'app.core.wasm', 'app.core2.wasm', 'artifact.json'])
    expect(artifact.take(name, '')).toBeNull();
  expect(artifact.take('app.core2.wasm.mjs', '')).not.toBeNull();
});

it('takes so much and no more', () => {
  const artifact = receiveArtifact('module');
  const part = Buffer.alloc(16 << 20).toString('base64');
  const answers = Array.from({ length: 13 }, () => artifact.take('app.mjs', part));
  expect(answers.findIndex((answer) => answer !== null)).toBe(12);
});
