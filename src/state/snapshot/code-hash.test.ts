import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FOLD_FOLDER, hashOfCode } from './code-hash.ts';

const files = [
  { path: 'fold/fold.ts', text: 'fold' },
  { path: 'office-state.ts', text: 'state' },
];

test('the hash follows from paths and texts, whatever their order', () => {
  const hash = hashOfCode(files);
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(hashOfCode(files.toReversed())).toBe(hash);
  expect(hashOfCode([{ path: 'fold/fold.ts', text: 'other' }, files[1]!])).not.toBe(hash);
  expect(hashOfCode([{ path: 'fold/other.ts', text: 'fold' }, files[1]!])).not.toBe(hash);
  expect(hashOfCode(files.slice(1))).not.toBe(hash);
  expect(hashOfCode([{ path: 'fold/fold.tsoffice-state.ts', text: 'foldstate' }])).not.toBe(hash);
});

test('tests, what they use, and what only compilers read decide nothing', () => {
  const beside = [
    'fold/fold.test.ts',
    'testing/examples.ts',
    'a/testing/b.js',
    'fold/fold.test.js',
    'x.d.ts',
    'x.js.map',
  ];
  const more = beside.map((path) => ({ path, text: 'anything' }));
  expect(hashOfCode([...files, ...more])).toBe(hashOfCode(files));
  expect(hashOfCode([...files, { path: 'attesting.ts', text: '' }])).not.toBe(hashOfCode(files));
});

test('the folder that decides the fold is that of the state', () => {
  expect(FOLD_FOLDER.pathname).toMatch(/\/src\/state\/$/);
  expect(existsSync(new URL('fold/fold.ts', FOLD_FOLDER))).toBe(true);
});
