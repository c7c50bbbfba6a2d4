import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../app/index.ts';
import {
  artifactsPrefix,
  fetchTree,
  type ObjectStore,
  putTree,
  versionPrefix,
} from '../../artifacts/index.ts';
import { type ArtifactKind, type BuildStep, buildArtifact } from '../../builder/index.ts';
import { TabbifyError } from '../../kit/index.ts';
import type { AppState, DomainEvents, VersionState } from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import { readManifestFile } from '../manifest-file.ts';

export interface BuildOptions {
  readonly store: ObjectStore;
  /** `TABBIFY_HOME`. */
  readonly home: string;
  readonly app: AppState;
  readonly version: VersionState;
  readonly kind: ArtifactKind;
  /** Names the working folder. */
  readonly deployment: string;
  readonly onStep: (step: BuildStep, detail: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Builds the artifact of (version, kind, builder) and puts it into the store (CONTRACTS §5).
 *
 * @param builder its digest
 * @returns what is to be said in the log
 * @throws what the builder says of the source; the store's errors; the signal's reason
 */
export async function buildVersion(
  options: BuildOptions,
  builder: string,
): Promise<DomainEvents['artifact_built']> {
  const folder = join(options.home, 'build', options.deployment);
  await rm(folder, { recursive: true, force: true }); // of a build that was killed
  try {
    return await build(options, builder, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function build(
  options: BuildOptions,
  builder: string,
  folder: string,
): Promise<DomainEvents['artifact_built']> {
  const { store, home, app, version, kind, signal } = options;
  const sourceDir = join(folder, 'source');
  const place = { office: app.office, app: app.uuid, version: version.version };
  const { assets } = version;
  // they are served, not built: a push that changes nothing else finds what was built before
  await fetchTree(store, versionPrefix(place), version.digest, sourceDir, { without: assets?.folder });
  const manifest = await manifestIn(sourceDir, version);
  const result = await buildArtifact({
    ...{ sourceDir, outDir: join(folder, 'artifact'), manifest, kind, home, signal },
    onProgress: options.onStep,
  }).catch((error: unknown) => {
    throw assets === null ? error : explained(error, assets.folder);
  });
  const prefix = `${artifactsPrefix(place)}/${kind}/${keyOf(version.digest, builder)}`;
  const tree = await putTree(store, prefix, result.dir);
  return {
    app: app.uuid,
    version: version.version,
    version_digest: version.digest,
    kind,
    builder_digest: builder,
    digest: tree.digest,
    prefix,
    build_ms: Math.round(result.buildMs),
  };
}

/** A module that imports one of its static files finds none, though the person sees it in the folder. */
function explained(error: unknown, assets: string): unknown {
  const isImport =
    error instanceof TabbifyError &&
    /could not resolve/i.test(error.message) &&
    error.message.includes(`${assets}/`);
  if (!isImport) return error;
  const hint = `What lies in \`build.assets\` is served and no part of the module: move the file out of ${assets}/`;
  const { what, why } = error;
  return new TabbifyError(error.code, error, { what, ...(why !== undefined && { why }), hint, cause: error });
}

/** The manifest as it was published; the run settings are those of the log, as the artifact is run with them. */
async function manifestIn(sourceDir: string, version: VersionState): Promise<Manifest> {
  const manifest = (await readManifestFile(sourceDir))?.manifest ?? null;
  if (manifest === null) {
    throw nodeError('manifest_invalid', {
      what: `The manifest of version ${version.version} cannot be read any more`,
      hint: 'Check it with `tcli validate` and push again',
    });
  }
  return manifest;
}

function keyOf(versionDigest: string, builder: string): string {
  return createHash('sha256').update(`${versionDigest} ${builder}`).digest('hex').slice(0, 32);
}
