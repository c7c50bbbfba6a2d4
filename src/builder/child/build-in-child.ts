import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildStep } from '../build-step.ts';
import { bundleApp } from './bundle.ts';
import { componentizeBundle } from './componentize.ts';
import { installPackages } from './install.ts';
import type { ChildRequest } from './protocol.ts';
import { readComponent } from './read-component.ts';
import { transpileComponent } from './transpile.ts';
import { writeArtifact } from './write-artifact.ts';

/** The whole build, from an unpacked version to an artifact folder. */
export async function buildInChild(
  request: ChildRequest,
  progress: (step: BuildStep, detail: string) => void,
): Promise<void> {
  const component = await makeComponent(request, progress);
  progress('transpile', `component of ${megabytes(component.length)}`);
  const transpiled = await transpileComponent(component);
  progress('meter', `${transpiled.cores.size} core modules, ${request.memoryMb} MiB each instance`);
  await writeArtifact(request.artifactDir, transpiled, request.memoryMb);
}

async function makeComponent(
  request: ChildRequest,
  progress: (step: BuildStep, detail: string) => void,
): Promise<Uint8Array> {
  const { input, npm, scratchDir } = request;
  let root = await realpath(request.sourceDir);
  if ('component' in input) return readComponent(root, input.component);
  if (npm !== null) {
    const copy = join(scratchDir, 'source');
    await mkdir(copy);
    root = await installPackages(root, await realpath(copy), npm, (detail) => progress('install', detail));
  }
  progress('bundle', input.main);
  const bundle = await bundleApp(root, input.main);
  progress('componentize', `${bundle.modules} modules, ${megabytes(bundle.code.length)}`);
  return componentizeBundle(bundle, scratchDir, request.engineCacheDir);
}

function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
