import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { expect, test } from 'vitest';
import { FORMAT } from './format.ts';
import type { KeySpecs, ValueSpec } from './key-spec.ts';
import { parseManifest } from './parse-manifest.ts';

const read = (root: unknown, file = 'tabbify.toml') => parseManifest(stringify(root), { file });

/** Values of the right type, though not always ones that make sense. */
function anyOf(value: ValueSpec): fc.Arbitrary<unknown> {
  switch (value.type) {
    case 'text':
      return value.example === undefined ? fc.string() : fc.oneof(fc.constant(value.example), fc.string());
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: value.min, max: Math.min(value.max, 2 ** 31) });
    case 'one_of':
      return fc.constantFrom(...value.values);
    case 'texts':
      return fc.array(fc.oneof(fc.constant('tenant_*.code'), fc.constant('api.example.com'), fc.string()), {
        maxLength: 3,
      });
    case 'start':
      return fc.constantFrom('now', 'beginning', 7);
    case 'variables':
      return fc.dictionary(fc.stringMatching(/^[A-Z_]{1,8}$/), fc.string(), { maxKeys: 3 });
    case 'table':
      return tableOf(value.keys);
    case 'tables':
      return fc.array(tableOf(value.keys), { maxLength: 3 });
  }
}

function tableOf(keys: KeySpecs): fc.Arbitrary<object> {
  return fc.record(
    Object.fromEntries(Object.entries(keys).map(([name, { value }]) => [name, anyOf(value)])),
    {
      requiredKeys: [],
    },
  );
}

const anyValue = fc.oneof(
  fc.constantFrom<unknown>(1, -1, 1.5, '', 'x', true, [], ['x'], {}, { x: 1 }, [{ x: 1 }], new Date(0)),
);

test('whatever is written under its keys, reading ends with findings, each with something to do', () => {
  fc.assert(
    fc.property(tableOf(FORMAT), (root) => {
      const { manifest, diagnostics } = read(root);
      expect(manifest === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      for (const { message, hint } of diagnostics) expect([message, hint]).not.toContain(null);
    }),
    { numRuns: 300 },
  );
});

test('a key of the wrong type is named, never believed and never thrown over', () => {
  const paths = (keys: KeySpecs, base: readonly string[]): (readonly string[])[] =>
    Object.entries(keys).flatMap(([name, { value }]) => [
      [...base, name],
      ...(value.type === 'table' ? paths(value.keys, [...base, name]) : []),
    ]);
  fc.assert(
    fc.property(fc.constantFrom(...paths(FORMAT, [])), anyValue, (path, value) => {
      const root: Record<string, unknown> = { app: { name: 'shop' }, build: { main: 'a.ts' } };
      const [table = '', key] = path;
      if (key === undefined) root[table] = value;
      else root[table] = { ...(root[table] as object | undefined), [key]: value };
      const { manifest, diagnostics } = read(root);
      expect(manifest === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
    }),
    { numRuns: 1000 },
  );
});

test('the default that the format tells is the one that is read', () => {
  const { manifest } = read({ app: { name: 'shop' }, build: { main: 'a.ts' } });
  const inUse = (keys: KeySpecs, base: string): (readonly [string, unknown])[] =>
    Object.entries(keys).flatMap(([name, { value, default: fallback }]) => {
      if (value.type === 'table') return inUse(value.keys, `${base}${name}.`);
      return fallback === undefined ? [] : [[`${base}${name}`, fallback.inUse(manifest!)] as const];
    });
  const camel = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const elsewhere = new Set(['build.network', 'runtime.port']); // what is in use is no value of the manifest
  for (const [name, value] of inUse(FORMAT, '')) {
    if (elsewhere.has(name)) continue;
    const [table = '', key = ''] = name.split('.');
    const read = (manifest as unknown as Record<string, Record<string, unknown>>)[table]?.[camel(key)];
    expect([name, read]).toEqual([name, value]);
  }
});
