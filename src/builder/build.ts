import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../app/index.ts';
import type { BoxReport } from '../sandbox/index.ts';
import { fileOfApp } from './app-file.ts';
import { makeScratch, putIntoCache, removeScratch, sweepCache, takeFromCache } from './artifact-cache.ts';
import type { ArtifactKind } from './artifact-kind.ts';
import { buildInBox } from './boxed/build-in-box.ts';
import type { BuildStep } from './build-step.ts';
import { builderDigest } from './builder-digest.ts';
import { buildCacheDirectory } from './cache-directory.ts';
import type { ArtifactTask, NpmSettings, Say } from './child/protocol.ts';
import { needsInstall } from './dependencies.ts';
import { diskFull } from './disk-full.ts';
import { builderError } from './errors.ts';
import { waitingBoxesOf } from './keep-box-waiting.ts';
import { readNpmSettings } from './npm-settings.ts';
import { runBuildChild } from './run-child.ts';
import { digestFile, digestTree } from './source-digest.ts';
import { wallsFor } from './walls.ts';

export interface BuildRequest {
  /** Folder of the unpacked version; only read. */
  readonly sourceDir: string;
  /** Where the artifact goes; made if missing, must be empty. */
  readonly outDir: string;
  readonly manifest: Manifest;
  readonly kind: ArtifactKind;
  /**
   * `TABBIFY_HOME`. Kept below it between builds: artifacts by digest of all that decides them, compiled code of the tools, packages. Boxes
   * of builds are recorded there.
   */
  readonly home: string;
  readonly onProgress?: (step: BuildStep, detail: string) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds, default 120 000. */
  readonly timeoutMs?: number;
  /** Whether boxes can be built here; default: it is tried. */
  readonly walls?: BoxReport;
  /** Where packages come from; default: the npm of this machine, and the registry it is set to. */
  readonly npm?: NpmSettings;
}

export interface BuildResult {
  readonly kind: ArtifactKind;
  /** Folder of the artifact (= `outDir`). */
  readonly dir: string;
  readonly buildMs: number;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * Makes the artifact of a version, or copies the one an earlier build made of the same source.
 *
 * @throws TabbifyError `build_failed` (422: the app's source, component, lockfile or manifest; the text says where),
 * `build_timeout`, `build_aborted`, `build_broken` (the platform's fault)
 */
export async function buildArtifact(request: BuildRequest): Promise<BuildResult> {
  const startedAt = performance.now();
  const { outDir, home } = request;
  const cacheDir = buildCacheDirectory(home);
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  await mustBeEmpty(outDir);
  const key = await cacheKey(request);
  const say = request.onProgress ?? (() => {});
  try {
    const warnings = await takeFromCache(cacheDir, key, outDir);
    if (warnings === null) await buildInto(key, request, say);
    else {
      say('cached', 'an earlier build made the same');
      for (const warning of warnings) say('warning', warning);
    }
  } catch (error) {
    throw diskFull(error) ?? error;
  }
  return { kind: request.kind, dir: outDir, buildMs: Math.round(performance.now() - startedAt) };
}

async function buildInto(key: string, request: BuildRequest, say: Say): Promise<void> {
  const cacheDir = buildCacheDirectory(request.home);
  const [npm, walls] = await Promise.all([npmOf(request), request.walls ?? wallsFor(request.home)]);
  const goOn = waitingBoxesOf(request.home)?.hold();
  const scratchDir = await makeScratch(cacheDir);
  const warnings: string[] = [];
  const build: UnderWay = {
    request,
    npm,
    scratchDir,
    say(step, detail) {
      if (step === 'warning') warnings.push(detail);
      say(step, detail);
    },
  };
  try {
    if (walls.possible) await boxed(build);
    else {
      say('unboxed', `this machine has no sandbox for builds (${walls.why}); it runs as a confined process`);
      await unboxed(build);
    }
    await putIntoCache(cacheDir, key, scratchDir, warnings);
  } finally {
    await removeScratch(scratchDir);
    goOn?.();
  }
  if ((await takeFromCache(cacheDir, key, request.outDir)) === null) {
    throw builderError('build_broken', {
      what: 'The artifact vanished after it was built',
      hint: 'Try once more, and leave the cache folder alone meanwhile.',
    });
  }
  await sweepCache(cacheDir);
}

/** A build that has its folder. */
interface UnderWay {
  readonly request: BuildRequest;
  readonly npm: NpmSettings | null;
  readonly scratchDir: string;
  readonly say: Say;
}

function boxed({ request, npm, scratchDir, say }: UnderWay): Promise<void> {
  const { home, sourceDir, signal, timeoutMs = DEFAULT_TIMEOUT_MS } = request;
  return buildInBox(
    { home, scratchDir, timeoutMs, signal, onProgress: say },
    {
      sourceDir,
      artifactDir: join(scratchDir, 'artifact'),
      cacheDir: buildCacheDirectory(home),
      task: taskOf(request),
      npm,
    },
    waitingBoxesOf(home),
  );
}

function unboxed({ request, npm, scratchDir, say }: UnderWay): Promise<void> {
  const { home, sourceDir, signal, timeoutMs = DEFAULT_TIMEOUT_MS } = request;
  const artifactDir = join(scratchDir, 'artifact');
  return runBuildChild(
    { sourceDir, artifactDir, scratchDir, task: taskOf(request), npm, handOver: 'folder' },
    { codeCacheDir: join(buildCacheDirectory(home), 'code'), timeoutMs, signal, onProgress: say },
  );
}

/** What decides the artifact besides the source and the builder. */
function taskOf({ kind, manifest, home }: BuildRequest): ArtifactTask {
  const { main } = manifest.build;
  const { entry, memoryMb } = manifest.runtime;
  if (kind === 'wasm-http') {
    const input = main === null ? { component: entry } : { main };
    return { kind, input, memoryMb, engineCacheDir: join(buildCacheDirectory(home), 'engine') };
  }
  if (main !== null) return { kind, main };
  throw builderError('build_failed', {
    what: 'There is no module to build',
    why: 'the app ships a component, and `worker` runs TypeScript or JavaScript',
    hint: 'Run it as wasm-http, or name a module as `main` under `[build]` in tabbify.toml.',
  });
}

async function npmOf(request: BuildRequest): Promise<NpmSettings | null> {
  if (request.manifest.build.main === null || !(await needsInstall(request.sourceDir))) return null;
  return request.npm ?? (await readNpmSettings(process.env, buildCacheDirectory(request.home)));
}

async function cacheKey(request: BuildRequest): Promise<string> {
  const task = taskOf(request);
  const [source, builder] = await Promise.all([sourceDigest(request), builderDigest(request.kind)]);
  return createHash('sha256')
    .update(JSON.stringify([{ ...task, engineCacheDir: undefined }, source, builder]))
    .digest('hex');
}

/** Of all files for a module, of the component alone otherwise. */
async function sourceDigest({ sourceDir, manifest }: BuildRequest): Promise<string> {
  if (manifest.build.main !== null) return digestTree(sourceDir);
  const component = await fileOfApp(sourceDir, manifest.runtime.entry);
  return component === null ? 'missing' : digestFile(component);
}

async function mustBeEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return;
  throw builderError('build_broken', {
    what: 'The folder for the artifact is not empty',
    why: folder,
    hint: 'Give each build a folder of its own.',
  });
}
