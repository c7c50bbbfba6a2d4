import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NOT_COPIED } from '../child/install.ts';
import type { ArtifactTask, NpmSettings } from '../child/protocol.ts';
import { buildOrder, SOURCE_IN_BOX } from './build-order.ts';
import { copyFilesOf, copySource } from './copy-source.ts';
import { installedPackages } from './installed-packages.ts';
import { preparedCaches } from './prepared-caches.ts';
import { receiveArtifact } from './received-artifact.ts';
import { type BoxedBuild, runInBox } from './run-in-box.ts';

/** What is built. */
export interface BoxedTask {
  /** Folder of the unpacked version; only read. */
  readonly sourceDir: string;
  /** Is made, for the artifact. */
  readonly artifactDir: string;
  readonly cacheDir: string;
  readonly task: ArtifactTask;
  /** Null when nothing is to be installed. */
  readonly npm: NpmSettings | null;
}

/**
 * Builds in boxes: packages are installed in one that reaches the registry and sees nothing of the app but its list of them; the rest is
 * done in one that reaches nothing and writes nothing. The artifact comes out of it as messages.
 *
 * @throws TabbifyError `build_failed`, `build_timeout`, `build_aborted`, `build_broken`
 */
export async function buildInBox(waiting: Omit<BoxedBuild, 'deadline'>, boxed: BoxedTask): Promise<void> {
  const { sourceDir, artifactDir, cacheDir, task, npm } = boxed;
  const caches = await preparedCaches(cacheDir, task.kind, waiting.signal);
  const build = { ...waiting, deadline: performance.now() + waiting.timeoutMs };
  const source = join(build.scratchDir, 'source');
  if ('input' in task && 'component' in task.input) {
    await copyFilesOf(sourceDir, source, [task.input.component]);
  } else await copySource(sourceDir, source, npm === null ? new Set() : NOT_COPIED);
  const packages = npm === null ? null : await installedPackages(build, { sourceDir, cacheDir, npm });
  if (packages !== null) await mkdir(join(source, 'node_modules')); // where they are shown
  const artifact = receiveArtifact(task.kind);
  const order = buildOrder(task, source, caches);
  await runInBox(build, {
    ...order,
    files: [
      ...order.files,
      ...(packages === null ? [] : [{ from: packages, to: `${SOURCE_IN_BOX}/node_modules` }]),
    ],
    artifact,
  });
  await artifact.write(artifactDir);
}
