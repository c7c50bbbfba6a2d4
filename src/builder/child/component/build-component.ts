import { megabytes } from '../megabytes.ts';
import type { BuildTask, Say } from '../protocol.ts';
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
  const made = await componentOf(root, task, scratchDir, say);
  say('transpile', `component of ${megabytes(made.component.length)}`);
  const transpiled = await transpileComponent(made.component);
  say('meter', `${transpiled.cores.size} core modules, ${task.memoryMb} MiB each instance`);
  await writeArtifact(artifactDir, { ...transpiled, ...made }, task.memoryMb);
}

async function componentOf(
  root: string,
  { input, engineCacheDir }: ComponentTask,
  scratchDir: string,
  say: Say,
): Promise<{ readonly component: Uint8Array; readonly map: string | null; readonly isOurs?: boolean }> {
  if ('component' in input) return { component: await readComponent(root, input.component), map: null };
  if ('engine' in input) {
    const { engineComponent } = await import('./engine-component.ts');
    return { component: await engineComponent(scratchDir, engineCacheDir, say), map: null, isOurs: true };
  }
  say('bundle', input.main);
  // what a ready component does not need is not loaded for it: a third of its build
  const [{ bundleApp }, { componentizeBundle }] = await Promise.all([
    import('./bundle.ts'),
    import('./componentize.ts'),
  ]);
  const bundle = await bundleApp(root, input.main);
  for (const warning of bundle.warnings) say('warning', warning);
  say('componentize', `${bundle.modules} modules, ${megabytes(bundle.code.length)}`);
  const component = await componentizeBundle(bundle, scratchDir, engineCacheDir);
  return { component, map: bundle.map };
}
