import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Preparation } from './protocol.ts';

/** The smallest app. */
const MODULE = 'export default { fetch: () => new Response(null, { status: 204 }) };';
/** The transpiler is compiled while it works: the fourth component takes a sixth of the time of the first. */
const ROUNDS = 3;

/**
 * Loads what builds are made with, and works with it, so that the engine has compiled it when a build comes.
 *
 * @param isAwaited has a build come already? Then it is not kept waiting
 */
export async function prepareTools({ component }: Preparation, isAwaited: () => boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'prepared-'));
  try {
    await prepareBundler(folder);
    if (component !== null && !isAwaited()) await prepareTranspiler(component, folder, isAwaited);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepareBundler(folder: string): Promise<void> {
  const source = join(folder, 'source');
  await mkdir(source);
  await writeFile(join(source, 'index.js'), MODULE);
  const { buildModule } = await import('./module/build-module.ts');
  await buildModule(source, { kind: 'module', main: 'index.js' }, join(folder, 'module'), () => {});
}

async function prepareTranspiler(component: string, folder: string, isAwaited: () => boolean): Promise<void> {
  const [{ transpileComponent }, { writeArtifact }, bytes] = await Promise.all([
    import('./component/transpile.ts'),
    import('./component/write-artifact.ts'),
    readFile(component),
    import('./component/build-component.ts'),
  ]);
  for (let round = 0; round < ROUNDS; round++) {
    await setImmediate(); // hears whether a build has come
    if (isAwaited()) return;
    const transpiled = await transpileComponent(bytes);
    await writeArtifact(join(folder, `component-${round}`), { ...transpiled, map: null }, 64);
  }
}
