import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseManifest } from './parse-manifest.ts';

/** The manifests of the product's documents, as they are printed there. */
const seed = (name: string) => {
  const text = readFileSync(join(import.meta.dirname, 'seeds', `${name}.toml`), 'utf8');
  const { manifest, diagnostics } = parseManifest(text, { file: 'tabbify.toml' });
  expect(diagnostics).toEqual([]);
  return manifest!;
};

test('the smallest one is a component', () => {
  expect(seed('minimal')).toMatchObject({
    app: { name: 'hello', visibility: 'private' },
    build: { kind: 'wasm' },
    runtime: { type: 'wasm-http', entry: 'app.wasm', memoryMb: 64, fuelPerRequest: 1e9 },
  });
});

test('an image that runs as a container on one host and in a microVM on another', () => {
  expect(seed('docker')).toMatchObject({
    app: { id: '0191e7c2-1111-7222-8333-444455556666', name: 'booking-site' },
    build: { kind: 'docker', context: '.', dockerfile: 'Dockerfile', builder: 'ec2-prod' },
    runtime: { type: 'docker', lifecycle: 'on_request', idleTimeoutSec: 300, memoryMb: 512, vcpus: 1 },
    deploy: [
      { supervisor: 'thinkpad', runtime: 'firecracker', env: { LOG_LEVEL: 'debug' } },
      { supervisor: 'ec2-prod', runtime: 'docker', env: {} },
    ],
  });
});

test('a component with its bounds', () => {
  expect(seed('wasm')).toMatchObject({
    build: { kind: 'wasm' },
    runtime: { type: 'wasm-http', memoryMb: 64 },
  });
});

test('the service form: a prebuilt image, and what it may reach', () => {
  expect(seed('service')).toMatchObject({
    app: { name: 'my-agent' },
    build: { kind: 'docker' },
    runtime: { type: 'docker', image: 'tabbify/my-agent:latest', language: 'rust', memoryMb: 512 },
    capabilities: {
      subscribeSegments: ['tenant_*.chat', 'platform.llm'],
      emitSegments: ['tenant_*.code'],
      httpAllowList: [],
    },
    secrets: [{ name: 'anthropic_api_key', envVar: 'ANTHROPIC_API_KEY', required: true }],
  });
});
