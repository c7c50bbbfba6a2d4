import { expect, test } from 'vitest';
import { parseManifest } from '../parse-manifest.ts';

const read = (text: string) => parseManifest(text, { file: 'manifest.toml' });

test('the least that the older format asks for, with its own defaults', () => {
  const { manifest, diagnostics } = read('[app]\nname = "shop"\n[lifecycle]\nmode = "on_request"\n');
  expect(diagnostics).toEqual([]);
  expect(manifest).toMatchObject({
    app: { name: 'shop', visibility: 'private' },
    build: { kind: 'wasm', main: null },
    runtime: {
      type: 'wasm-http',
      typeDeclared: true,
      lifecycle: 'on_request',
      idleTimeoutSec: 300,
      entry: 'app.wasm',
      fuelPerRequest: 1e9,
      memoryMb: 64,
    },
  });
});

test('every key that it has stands where the newer format has it', () => {
  const { manifest, diagnostics } = read(`
[app]
id = "0191E7C2-1111-7222-8333-444455556666"
name = "shop"
version = "1.2"
kind = "headless"
description = "sells"
[lifecycle]
mode = "always_on"
idle_timeout_sec = 60
[runtime]
type = "firecracker"
memory_mb = 128
vcpus = 2
port = 3000
registry_ref = "registry.example.com/shop:3"
stateful = true
`);
  expect(diagnostics).toEqual([]);
  expect(manifest).toMatchObject({
    app: { id: '0191e7c2-1111-7222-8333-444455556666', description: 'sells' },
    build: { kind: 'docker' },
    runtime: {
      type: 'firecracker',
      lifecycle: 'always_on',
      idleTimeoutSec: 60,
      memoryMb: 128,
      vcpus: 2,
      port: 3000,
      image: 'registry.example.com/shop:3',
      stateful: true,
    },
  });
});

test('a component has its entry and its fuel', () => {
  const { manifest } = read(
    '[app]\nname = "shop"\n[lifecycle]\nmode = "on_request"\n[runtime]\nentry = "shop.wasm"\nfuel_per_request = 5\n',
  );
  expect(manifest?.runtime).toMatchObject({ type: 'wasm-http', entry: 'shop.wasm', fuelPerRequest: 5 });
});

test('a text of the newer format is no manifest of the older one', () => {
  const { manifest, diagnostics } = read('[app]\nname = "shop"\n[build]\nmain = "src/index.ts"\n');
  expect(manifest).toBeNull();
  expect(diagnostics.map(({ message }) => message)).toEqual([
    '`lifecycle.mode` is missing',
    'unknown key `build`',
  ]);
});
