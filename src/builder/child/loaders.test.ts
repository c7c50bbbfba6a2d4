import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SDK_FOLDER } from '../sdk-folder.ts';
import { LOADERS } from './loaders.ts';

it('is told to editors: each file that an app may import is declared as what it becomes', async () => {
  const types = await readFile(join(SDK_FOLDER, 'files.d.ts'), 'utf8');
  const declared = [...types.matchAll(/declare module '\*(\.\w+)' \{\s*const (text|bytes)/g)];
  const known = Object.fromEntries(declared.map(([, extension, what]) => [extension, what]));
  const loaders = Object.entries(LOADERS).filter(([, loader]) => loader === 'text' || loader === 'binary');
  const expected = loaders.map(([extension, loader]) => [extension, loader === 'text' ? 'text' : 'bytes']);
  expect(known).toEqual(Object.fromEntries(expected));
});
