import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { manifestSchema } from './json-schema.ts';
import { parseManifest } from './parse-manifest.ts';

const allows = new Ajv({ strict: true, strictRequired: false }).compile(manifestSchema());

test.each(readdirSync(join(import.meta.dirname, 'seeds')))('editors find nothing wrong with %s', (name) => {
  const text = readFileSync(join(import.meta.dirname, 'seeds', name), 'utf8');
  expect(allows(parse(text)), JSON.stringify(allows.errors)).toBe(true);
});

/** Shapes that a schema can tell; which keys go together is for the reader. */
const SHAPES = [
  'app-is-a-text',
  'no-name',
  'name-is-a-number',
  'visibility-unknown',
  'kind-unknown',
  'runtime-unknown',
  'lifecycle-unknown',
  'memory-in-quotes',
  'memory-is-negative',
  'half-a-processor',
  'port-is-too-high',
  'stateful-as-text',
  'env-number',
  'deploy-is-a-table',
  'deploy-without-supervisor',
  'allow-list-is-a-text',
  'subscribe-from-a-date',
  'schedule-without-cron',
  'misspelt-key',
  'misspelt-table',
  'secret-value-in-the-manifest',
];

test.each(SHAPES)('editors mark %s', (name) => {
  const text = readFileSync(join(import.meta.dirname, 'corpus', `${name}.toml`), 'utf8');
  expect(allows(parse(text))).toBe(false);
});

test('what the schema marks, reading names too', () => {
  for (const file of readdirSync(join(import.meta.dirname, 'corpus')).filter((name) =>
    name.endsWith('.toml'),
  )) {
    const text = readFileSync(join(import.meta.dirname, 'corpus', file), 'utf8');
    let root: unknown;
    try {
      root = parse(text);
    } catch {
      continue; // no TOML
    }
    if (!allows(root))
      expect(parseManifest(text, { file: 'tabbify.toml' }).diagnostics, file).not.toEqual([]);
  }
});
