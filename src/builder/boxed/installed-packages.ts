import { createHash } from 'node:crypto';
import { mkdir, opendir, readFile, rename, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../../kit/index.ts';
import { sweepOldest } from '../artifact-cache.ts';
import { builderDigest } from '../builder-digest.ts';
import type { NpmSettings } from '../child/protocol.ts';
import { builderError } from '../errors.ts';
import { copyFilesOf } from './copy-source.ts';
import { openRegistry } from './open-registry.ts';
import { type BoxedBuild, runInBox } from './run-in-box.ts';

/** All that decides what is installed, and all that the box of the installation sees of an app. */
const LISTS = ['package.json', 'package-lock.json'] as const;
const PACKAGES = 'packages';
/** Sets of packages kept; one of a mid-sized app is about 50 MB. */
const KEEP = 12;
/** What an installation leaves on disk, with the archives it has fetched. */
const DISK = { bytes: 2 ** 31, entries: 200_000 };
const IN_BOX = { lists: '/lists', npm: '/npm', work: '/work' } as const;

/** Whose packages. */
export interface PackagesOf {
  readonly sourceDir: string;
  readonly cacheDir: string;
  readonly npm: NpmSettings;
  /** With those of `devDependencies`, for tests. */
  readonly dev?: true;
}

/**
 * The folder `node_modules` of an app, only to be read: installed in a box, or by an earlier build with the same lists.
 *
 * No code of a package runs while they are installed, and nothing but the lists gets in there; so whoever shares a folder would have got the same one.
 * What npm keeps of archives is thrown away with the box: it would be written by all and read by all.
 *
 * @throws TabbifyError `build_failed`, `build_timeout`, `build_aborted`, `build_broken`
 */
export async function installedPackages(build: BoxedBuild, packages: PackagesOf): Promise<string> {
  return keptPackages(build, packages, async (lists) => {
    const work = join(build.scratchDir, 'install');
    await mkdir(work);
    await install(build, packages, lists, work);
    return join(work, 'source/node_modules');
  });
}

/**
 * The folder `node_modules` of an app from the cache, where it is put when it is not there.
 *
 * @param made installs into a new folder of the build's own. @param lists folder with a copy of what decides it
 */
export async function keptPackages(
  build: Pick<BoxedBuild, 'scratchDir' | 'onProgress'>,
  { sourceDir, cacheDir, npm, dev }: PackagesOf,
  made: (lists: string) => Promise<string>,
): Promise<string> {
  const lists = join(build.scratchDir, 'lists');
  await copyFilesOf(sourceDir, lists, LISTS);
  const folder = join(cacheDir, PACKAGES, await keyOf(lists, npm, dev));
  if (await isThere(folder)) {
    await utimes(folder, new Date(), new Date());
    build.onProgress('install', 'packages of an earlier build with the same lockfile');
    return folder;
  }
  const installed = await made(lists);
  await mkdir(installed, { recursive: true }); // there may be none to install
  await mustBeFiles(installed);
  return moveIn(installed, folder);
}

async function install(
  build: BoxedBuild,
  { npm, dev }: PackagesOf,
  lists: string,
  work: string,
): Promise<void> {
  const denied = (line: string): void => build.onProgress('install', line);
  const { channel, through } = await openRegistry(npm, denied);
  await runInBox(build, {
    request: {
      sourceDir: IN_BOX.lists,
      artifactDir: '/tmp/artifact',
      scratchDir: IN_BOX.work,
      task: { kind: 'install', ...(dev && { dev }) },
      npm: {
        cli: `${IN_BOX.npm}/${npm.cli.slice(folderOfNpm(npm).length + 1)}`,
        registry: npm.registry,
        publicRegistry: npm.publicRegistry,
        cafile: null, // outside
        configFiles: [],
        cacheDir: `${IN_BOX.work}/npm`,
        through,
      },
      handOver: 'folder',
    },
    files: [
      { from: lists, to: IN_BOX.lists },
      { from: folderOfNpm(npm), to: IN_BOX.npm },
    ],
    writable: [{ from: work, to: IN_BOX.work }],
    disk: DISK,
    channel,
    env: {},
    artifact: null,
  });
}

/** Of `…/bin/npm-cli.js`. */
function folderOfNpm({ cli }: NpmSettings): string {
  return dirname(dirname(cli));
}

async function keyOf(lists: string, npm: NpmSettings, dev: true | undefined): Promise<string> {
  const texts = await Promise.all(LISTS.map((name) => readFile(join(lists, name), 'utf8').catch(() => null)));
  const version = await readFile(join(folderOfNpm(npm), 'package.json'), 'utf8').catch(() => null);
  const builder = await builderDigest('module');
  return createHash('sha256')
    .update(
      JSON.stringify([
        ...[texts, npm.registry, npm.publicRegistry, version, process.version, builder],
        ...(dev ? ['dev'] : []),
      ]),
    )
    .digest('hex');
}

/** @throws TabbifyError `build_failed` when there is anything but files and folders */
async function mustBeFiles(folder: string): Promise<void> {
  const open = [folder];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for await (const entry of await opendir(path)) {
      if (entry.isDirectory()) open.push(join(path, entry.name));
      else if (!entry.isFile()) {
        throw builderError('build_failed', {
          what: 'The packages of package-lock.json could not be installed',
          why: `${join(path, entry.name).slice(folder.length + 1)} is no file`,
          hint: 'Leave out the package that it is of.',
        });
      }
    }
  }
}

async function moveIn(made: string, folder: string): Promise<string> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  try {
    await rename(made, folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error; // installed twice at once
  }
  await syncDirectory(parent);
  await sweepOldest(parent, KEEP);
  return folder;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
