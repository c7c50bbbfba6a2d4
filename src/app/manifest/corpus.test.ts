import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatDiagnostic } from './diagnostics.ts';
import { LEGACY_MANIFEST_FILE, MANIFEST_FILE, parseManifest } from './parse-manifest.ts';

/** Manifests as people get them wrong; beside each, what they are told (`-u` writes it: read it before you believe it). */
const CORPUS = join(import.meta.dirname, 'corpus');

const namesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.toml'))
    .map((name) => name.slice(0, -'.toml'.length));
const broken = [
  ...namesIn(CORPUS).map((name) => [name, MANIFEST_FILE] as const),
  ...namesIn(join(CORPUS, 'legacy')).map((name) => [`legacy/${name}`, LEGACY_MANIFEST_FILE] as const),
];

test.each(broken)('%s is told with its place, and what to do', async (name, file) => {
  const text = readFileSync(join(CORPUS, `${name}.toml`), 'utf8');
  const { manifest, diagnostics } = parseManifest(text, { file });
  const said = diagnostics.map((each) => formatDiagnostic(each, text)).join('\n');
  expect(
    diagnostics.every(({ hint }) => hint !== null),
    said,
  ).toBe(true);
  expect(manifest === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
  await expect(`${said}\n`).toMatchFileSnapshot(join(CORPUS, `${name}.txt`));
});

test('the corpus is as large as was asked for, and nothing in it goes unnoticed', () => {
  expect(broken.length).toBeGreaterThanOrEqual(80);
  for (const [name] of broken) {
    expect(readFileSync(join(CORPUS, `${name}.txt`), 'utf8'), name).toMatch(/\d+:\d+: (error|warning): /);
  }
});
