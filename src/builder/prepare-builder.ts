import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseManifest } from '../app/index.ts';
import { buildArtifact } from './build.ts';

const MANIFEST = '[app]\nname = "empty"\n[build]\nmain = "index.js"\n[runtime]\ntype = "wasm-http"';
const MODULE = 'export default { fetch: () => new Response(null, { status: 204 }) };';

/**
 * Builds the smallest app as a component, so that the engine's machine code lies in the cache before a person waits for it: the first
 * component made of TypeScript takes 8 seconds, those after it 3. Costs milliseconds when that was done before. A module needs no such
 * thing.
 *
 * @throws TabbifyError `build_aborted`, `build_broken`
 */
export async function prepareBuilder(cacheDir: string, signal?: AbortSignal): Promise<void> {
  const { manifest } = parseManifest(MANIFEST, { file: 'tabbify.toml' });
  if (manifest === null) throw new Error('the manifest of the smallest app is wrong');
  const folder = await mkdtemp(join(tmpdir(), 'tabbify-prepare-'));
  try {
    const sourceDir = join(folder, 'source');
    await mkdir(sourceDir);
    await writeFile(join(sourceDir, 'index.js'), MODULE);
    await buildArtifact({
      sourceDir,
      outDir: join(folder, 'out'),
      manifest,
      kind: 'wasm-http',
      cacheDir,
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
