import { megabytes } from '../megabytes.ts';
import type { BuildTask, Say } from '../protocol.ts';
import { bundleModule } from './bundle-module.ts';
import { writeModule } from './write-module.ts';

/**
 * Makes the artifact of kind `module`.
 *
 * @param root real path of the app's folder, with its packages
 * @throws TabbifyError `build_failed`
 */
export async function buildModule(
  root: string,
  { main }: Extract<BuildTask, { kind: 'module' }>,
  artifactDir: string,
  say: Say,
): Promise<void> {
  say('bundle', main);
  const bundle = await bundleModule(root, main);
  for (const warning of bundle.warnings) say('warning', warning);
  say('bundle', `${bundle.modules} modules, ${megabytes(bundle.code.length)}`);
  await writeModule(artifactDir, bundle);
}
