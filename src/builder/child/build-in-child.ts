import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages } from './install.ts';
import type { ChildRequest, Say } from './protocol.ts';

/** The whole build, from an unpacked version to an artifact folder. What only the other kind needs is not loaded. */
export async function buildInChild(request: ChildRequest, say: Say): Promise<void> {
  const { task, artifactDir, scratchDir } = request;
  const root = await sourceRoot(request, say);
  if (task.kind === 'install') return;
  if (task.kind === 'module') {
    const { buildModule } = await import('./module/build-module.ts');
    await buildModule(root, task, artifactDir, say);
  } else {
    const { buildComponent } = await import('./component/build-component.ts');
    await buildComponent(root, task, { artifactDir, scratchDir }, say);
  }
}

/** Real path of the app's folder, or of its copy with its packages. */
async function sourceRoot({ sourceDir, scratchDir, npm, task }: ChildRequest, say: Say): Promise<string> {
  const root = await realpath(sourceDir);
  if (npm === null) return root;
  const copy = join(scratchDir, 'source');
  await mkdir(copy);
  const options = { dev: task.kind === 'install' && task.dev === true };
  return installPackages(root, await realpath(copy), npm, (detail) => say('install', detail), options);
}
