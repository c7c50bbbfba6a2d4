import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { skipWithout } from '../../../test/requirements.ts';
import { runChild } from '../../kit/index.ts';
import { buildComponentArtifact, TINY } from '../testing/component-artifact.ts';
import { serveApp } from '../testing/served-app.ts';
import { wasmHttpRuntime } from './wasm-http-runtime.ts';

test('tiny is below 100 KB and does what its README says', async () => {
  expect((await stat(TINY)).size).toBeLessThan(100_000);
  await using artifact = await buildComponentArtifact(TINY, 64);
  await using served = await serveApp(wasmHttpRuntime, { artifactDir: artifact.dir, memoryMb: 64 });
  const get = async (path: string) => (await fetch(served.url + path)).text();
  expect(JSON.parse(await get('/'))).toEqual({ app: 'tiny', requests: 1 });
  const echo = await fetch(`${served.url}/echo`, { method: 'POST', body: 'hello' });
  expect(await echo.text()).toBe('hello');
  expect(await get('/bytes/12345')).toHaveLength(12345);
  expect(await get('/alloc')).toMatch(/^refused after 6[0-3] MiB$/m);
  expect(await get('/loop')).toContain('runtime.fuel_per_request');
  expect((await fetch(`${served.url}/elsewhere`)).status).toBe(404);
});

const has = (...names: string[]) => names.some((name) => spawnSync(name, ['--version']).status === 0);
const hasClang = has('clang', 'clang-14') && has('wasm-ld', 'wasm-ld-14');

test.skipIf(skipWithout('clang', hasClang))('the prebuilt tiny is what its source gives', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tiny-'));
  const out = join(folder, 'app.wasm');
  const script = join(TINY, '../build.ts');
  const { code, stderr } = await runChild(process.execPath, [script, out], {
    env: { PATH: process.env.PATH ?? '' },
    timeoutMs: 30_000,
  });
  expect([code, stderr]).toEqual([0, '']);
  expect((await readFile(out)).equals(await readFile(TINY))).toBe(true);
  await rm(folder, { recursive: true });
});
