import { MANIFEST_FILES, type ManifestDifference, manifestDifference } from '../../app/index.ts';
import {
  type ObjectStore,
  readTree,
  readTreeFile,
  type TreeFiles,
  versionPrefix,
} from '../../artifacts/index.ts';
import type { AppState, VersionState } from '../../state/index.ts';

/** A file that both versions have, with other bytes. */
export interface ChangedFile {
  readonly path: string;
  /** Sizes, in bytes. */
  readonly before: number;
  readonly after: number;
}

/** What is other in a later version; files in the order of their paths. */
export interface VersionDifference {
  readonly files: {
    readonly added: readonly { readonly path: string; readonly bytes: number }[];
    readonly removed: readonly { readonly path: string; readonly bytes: number }[];
    readonly changed: readonly ChangedFile[];
  };
  readonly manifest: ManifestDifference;
}

/**
 * Compares what two versions of an app hold, read from the store and checked against the log.
 *
 * @param before null: everything is new
 * @throws digest_mismatch, store_unavailable
 */
export async function compareVersions(
  store: ObjectStore,
  app: AppState,
  before: VersionState | null,
  after: VersionState,
): Promise<VersionDifference> {
  const [old, young] = await Promise.all([
    before === null ? { files: new Map(), manifest: null } : contentOf(store, app, before),
    contentOf(store, app, after),
  ]);
  return {
    files: compareFiles(old.files, young.files),
    manifest: manifestDifference(old.manifest, young.manifest ?? ''),
  };
}

interface Content {
  readonly files: TreeFiles;
  readonly manifest: string | null;
}

async function contentOf(store: ObjectStore, app: AppState, version: VersionState): Promise<Content> {
  const prefix = prefixOf(app, version);
  const files = await readTree(store, prefix, version.digest);
  const name = MANIFEST_FILES.find((each) => files.has(each));
  const bytes = name === undefined ? null : await readTreeFile(store, prefix, files, name);
  return { files, manifest: bytes === null ? null : Buffer.from(bytes).toString('utf8') };
}

/** Where a version's files lie. */
export function prefixOf({ office, uuid }: AppState, { version }: VersionState): string {
  return versionPrefix({ office, app: uuid, version });
}

function compareFiles(before: TreeFiles, after: TreeFiles): VersionDifference['files'] {
  const only = (some: TreeFiles, others: TreeFiles) =>
    [...some].filter(([path]) => !others.has(path)).map(([path, { size }]) => ({ path, bytes: size }));
  const changed = [...after].flatMap(([path, { sha256, size }]) => {
    const old = before.get(path);
    return old === undefined || old.sha256 === sha256 ? [] : [{ path, before: old.size, after: size }];
  });
  return { added: only(after, before), removed: only(before, after), changed };
}
