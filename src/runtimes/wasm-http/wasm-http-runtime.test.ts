import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runtimeConformance } from '../runtime.conformance.ts';
import { runtimeOf } from '../runtime-of.ts';
import { buildComponentArtifact, FILES, PROBE, TINY } from '../testing/component-artifact.ts';
import { serveApp } from '../testing/served-app.ts';
import { fileComponent } from './testing/file-component.ts';
import { PROBE_BOUNDS } from './testing/probe-bounds.ts';

runtimeConformance('wasm-http', async () => {
  const artifact = await buildComponentArtifact(PROBE);
  const files = await buildComponentArtifact(FILES);
  return {
    runtime: await runtimeOf('wasm-http'),
    artifactDir: artifact.dir,
    bounds: PROBE_BOUNDS,
    exitPath: null,
    fileApp: fileComponent(files.dir),
    traces: () => readdir(artifact.dir),
    async [Symbol.asyncDispose]() {
      await artifact[Symbol.asyncDispose]();
      await files[Symbol.asyncDispose]();
    },
  };
});

test('a pooled instance keeps its memory between requests; with isolation "request" none does', async () => {
  await using artifact = await buildComponentArtifact(TINY);
  const runtime = await runtimeOf('wasm-http');
  const countOf = async (url: string) => ((await (await fetch(url)).json()) as { requests: number }).requests;
  await using pooled = await serveApp(runtime, { artifactDir: artifact.dir });
  expect([await countOf(pooled.url), await countOf(pooled.url)]).toEqual([1, 2]);
  await using isolated = await serveApp(runtime, { artifactDir: artifact.dir, isolation: 'request' });
  expect([await countOf(isolated.url), await countOf(isolated.url)]).toEqual([1, 1]);
});

test('a folder that holds no artifact is refused with the way out', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'no-artifact-'));
  const runtime = await runtimeOf('wasm-http');
  const start = () => serveApp(runtime, { artifactDir: dir });
  await expect(start()).rejects.toMatchObject({
    code: 'artifact_invalid',
    hint: expect.stringContaining('Publish'),
  });
  const record = {
    format: 1,
    kind: 'wasm-http',
    glue: '../app.mjs',
    cores: [],
    handler: 'wasi:http/incoming-handler@0.2.0',
  };
  await writeFile(join(dir, 'artifact.json'), JSON.stringify(record));
  await expect(start()).rejects.toMatchObject({ code: 'artifact_invalid' });
  await rm(dir, { recursive: true });
});

test('a runtime this version does not have is refused', async () => {
  await expect(runtimeOf('docker')).rejects.toMatchObject({ code: 'runtime_unknown', status: 400 });
});
