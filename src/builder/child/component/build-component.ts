import { megabytes } from '../megabytes.ts';
import type { BuildTask, Say } from '../protocol.ts';
import { bundleApp } from './bundle.ts';
import { componentizeBundle } from './componentize.ts';
import { readComponent } from './read-component.ts';
import { transpileComponent } from './transpile.ts';
import { writeArtifact } from './write-artifact.ts';

type ComponentTask = Extract<BuildTask, { kind: 'wasm-http' }>;

/**
 * Makes the artifact of kind `wasm-http`.
 *
 * @param root real path of the app's folder, with its packages
 * @throws TabbifyError `build_failed`, `build_broken`
 */
export async function buildComponent(
  root: string,
  task: ComponentTask,
  { artifactDir, scratchDir }: { readonly artifactDir: string; readonly scratchDir: string },
  say: Say,
): Promise<void> {
  const component = await componentOf(root, task, scratchDir, say);
  say('transpile', `component of ${megabytes(component.length)}`);
  const transpiled = await transpileComponent(component);
  say('meter', `${transpiled.cores.size} core modules, ${task.memoryMb} MiB each instance`);
  await writeArtifact(artifactDir, transpiled, task.memoryMb);
}

async function componentOf(
  root: string,
  { input, engineCacheDir }: ComponentTask,
  scratchDir: string,
  say: Say,
): Promise<Uint8Array> {
  if ('component' in input) return readComponent(root, input.component);
  say('bundle', input.main);
  const bundle = await bundleApp(root, input.main);
  say('componentize', `${bundle.modules} modules, ${megabytes(bundle.code.length)}`);
  return componentizeBundle(bundle, scratchDir, engineCacheDir);
}
