import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseManifest } from '../app/index.ts';
import type { BoxReport } from '../sandbox/index.ts';
import { sweepScratch } from './artifact-cache.ts';
import { prepareCaches } from './boxed/prepared-caches.ts';
import { buildArtifact } from './build.ts';
import { buildCacheDirectory } from './cache-directory.ts';
import { wallsFor } from './walls.ts';

const MANIFEST = '[app]\nname = "empty"\n[build]\nmain = "index.js"\n[runtime]\ntype = "wasm-http"';
const MODULE = 'export default { fetch: () => new Response(null, { status: 204 }) };';

/**
 * Removes what builds left that were killed, and builds the smallest app of each kind, so that what all builds need lies in the cache before
 * a person waits for it: the first component made of TypeScript takes 8 seconds, those after it 3. Costs milliseconds when that was done before.
 *
 * @param home `TABBIFY_HOME`
 * @throws TabbifyError `build_aborted`, `build_timeout`, `build_broken`
 */
export async function prepareBuilder(home: string, signal?: AbortSignal): Promise<void> {
  const cacheDir = buildCacheDirectory(home);
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  await sweepScratch(cacheDir);
  const walls = await wallsFor(home);
  if (walls.possible) {
    for (const kind of ['module', 'wasm-http'] as const) await prepareCaches(home, cacheDir, kind, signal);
  } else await buildComponent(home, walls, signal);
}

/** Leaves the engine in the cache of builds that have no box. A module needs no such thing. */
async function buildComponent(
  home: string,
  walls: BoxReport,
  signal: AbortSignal | undefined,
): Promise<void> {
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
      home,
      walls,
      ...(signal === undefined ? {} : { signal }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
