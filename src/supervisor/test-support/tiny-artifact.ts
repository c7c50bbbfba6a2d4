import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MANIFEST_FILE, parseManifest } from '../../app/index.ts';
import { buildArtifact } from '../../builder/index.ts';
import { sharedBuilds } from '../../builder/testing/index.ts';

const TINY = join(import.meta.dirname, '../../../examples/tiny');

/** An artifact built for tests, and the way to be rid of it. */
export interface BuiltArtifact {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Builds the artifact of `examples/tiny`. */
export async function buildTiny(): Promise<BuiltArtifact> {
  const work = await mkdtemp(join(tmpdir(), 'tiny-artifact-'));
  const text = await readFile(join(TINY, MANIFEST_FILE), 'utf8');
  const { manifest, diagnostics } = parseManifest(text, { file: MANIFEST_FILE, hasComponent: true });
  if (manifest === null) throw new Error(JSON.stringify(diagnostics));
  const sourceDir = join(work, 'source');
  await cp(join(TINY, manifest.runtime.entry), join(sourceDir, manifest.runtime.entry));
  const outDir = join(work, 'artifact');
  await buildArtifact({
    sourceDir,
    outDir,
    manifest,
    kind: 'wasm-http',
    home: await sharedBuilds(join(work, 'home')),
  });
  return { folder: outDir, remove: () => rm(work, { recursive: true, force: true }) };
}
