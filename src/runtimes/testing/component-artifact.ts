import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseManifest } from '../../app/index.ts';
import { buildArtifact } from '../../builder/index.ts';
import { sharedBuilds } from '../../builder/testing/index.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Components the tests run. */
export const TINY = join(ROOT, 'examples/tiny/app.wasm');
export const PROBE = join(ROOT, 'test/fixtures/components/probe.wasm');
/** Calls `wasi:filesystem` as it is told. */
export const FILES = join(ROOT, 'test/fixtures/components/files.wasm');

/** An artifact on disk; disposing removes it. */
export interface BuiltArtifact extends AsyncDisposable {
  readonly dir: string;
}

/**
 * Has the builder make an artifact of a component.
 *
 * @param memoryMb MiB, written into the modules
 */
export async function buildComponentArtifact(component: string, memoryMb = 16): Promise<BuiltArtifact> {
  const folder = await mkdtemp(join(tmpdir(), 'runtime-artifact-'));
  const sourceDir = join(folder, 'source');
  await mkdir(sourceDir);
  await copyFile(component, join(sourceDir, 'app.wasm'));
  const text = `[app]\nname = "probe"\n[build]\nkind = "wasm"\n[runtime]\nmemory_mb = ${memoryMb}\n`;
  const { manifest } = parseManifest(text, { file: 'tabbify.toml', hasComponent: true });
  if (manifest === null) throw new Error('the manifest of the test is wrong');
  const dir = join(folder, 'artifact');
  await buildArtifact({
    sourceDir,
    outDir: dir,
    manifest,
    kind: 'wasm-http',
    home: await sharedBuilds(join(folder, 'home')),
  });
  return { dir, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
