import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NOT_COPIED } from '../child/install.ts';
import type { ArtifactTask, NpmSettings } from '../child/protocol.ts';
import { buildOrder, SOURCE_IN_BOX } from './build-order.ts';
import { copyFilesOf, copySource } from './copy-source.ts';
import { installedPackages } from './installed-packages.ts';
import { fewFiles, linkFiles } from './link-files.ts';
import { preparedCaches } from './prepared-caches.ts';
import { receiveArtifact } from './received-artifact.ts';
import { type BoxedBuild, runInBox } from './run-in-box.ts';
import type { WaitingBoxes } from './waiting-boxes.ts';

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
 * @param boxes one of which may wait for this build; null: none does
 * @throws TabbifyError `build_failed`, `build_timeout`, `build_aborted`, `build_broken`
 */
export async function buildInBox(
  waiting: Omit<BoxedBuild, 'deadline'>,
  boxed: BoxedTask,
  boxes: Pick<WaitingBoxes, 'take'> | null = null,
): Promise<void> {
  const { sourceDir, cacheDir, task, npm } = boxed;
  const caches = await preparedCaches(cacheDir, task.kind, waiting.signal);
  const build = { ...waiting, deadline: performance.now() + waiting.timeoutMs };
  const packages = npm === null ? null : await installedPackages(build, { sourceDir, cacheDir, npm });
  if (await builtWhereOneWaits(build, boxed, packages, boxes)) return;
  const source = join(build.scratchDir, 'source');
  await copyApp(boxed, source);
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
  await artifact.write(boxed.artifactDir);
}

/** @returns false: no box waits that can build it, or the one that waited was gone */
async function builtWhereOneWaits(
  build: BoxedBuild,
  boxed: BoxedTask,
  packages: string | null,
  boxes: Pick<WaitingBoxes, 'take'> | null,
): Promise<boolean> {
  const canBeLinked = packages === null || (await fewFiles(packages));
  const box = canBeLinked ? (boxes?.take() ?? null) : null;
  if (box === null) return false;
  try {
    await copyApp(boxed, box.source);
    if (packages !== null) await linkFiles(packages, join(box.source, 'node_modules'));
    const artifact = receiveArtifact(boxed.task.kind);
    if (!(await box.build(build, boxed.task, artifact))) return false;
    await artifact.write(boxed.artifactDir);
    return true;
  } finally {
    void box.end(); // nobody has to wait for that
  }
}

/** What a build needs of the app. */
async function copyApp({ sourceDir, task, npm }: BoxedTask, to: string): Promise<void> {
  if ('input' in task && 'component' in task.input) await copyFilesOf(sourceDir, to, [task.input.component]);
  else await copySource(sourceDir, to, npm === null ? new Set() : NOT_COPIED);
}
