import { afterAll, beforeAll } from 'vitest';
import type { StartSpec } from '../runtime.ts';
import { type BuiltArtifact, buildComponentArtifact, PROBE } from '../testing/component-artifact.ts';
import { type ServedApp, serveApp } from '../testing/served-app.ts';
import { wasmHttpRuntime } from './wasm-http-runtime.ts';

/** The probe of `test/fixtures/components`, built once for a test file and started as often as its tests like. */
export function useProbe(): (spec?: Partial<StartSpec>) => Promise<ServedApp> {
  let artifact: BuiltArtifact;
  beforeAll(async () => {
    artifact = await buildComponentArtifact(PROBE);
  });
  afterAll(() => artifact?.[Symbol.asyncDispose]());
  return (spec) => serveApp(wasmHttpRuntime, { artifactDir: artifact.dir, ...spec });
}

/** Body of a GET. */
export async function textOf(served: ServedApp, path: string): Promise<string> {
  return (await fetch(served.url + path)).text();
}
