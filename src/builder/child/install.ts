import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { startChild } from '../../kit/index.ts';
import { fileOfApp } from '../app-file.ts';
import { builderError } from '../errors.ts';
import { confineLockfile, confineManifest } from './lockfile.ts';
import type { NpmSettings } from './protocol.ts';

/** Names left out of the copy: what npm would take orders from, and what it makes anew. */
export const NOT_COPIED: ReadonlySet<string> = new Set([
  'node_modules',
  '.npmrc',
  'npm-shrinkwrap.json',
  '.git',
]);

/** Of what is installed. */
export interface InstallOptions {
  /** Those of `devDependencies` too. */
  readonly dev: boolean;
}

/**
 * Copies the app and installs the packages of its lockfile into the copy: no scripts, no address but the registry's,
 * no configuration but ours.
 *
 * @param root real path of the app's folder
 * @param copy real path of an empty folder
 * @returns `copy`
 * @throws TabbifyError `build_failed` with npm's own words
 */
export async function installPackages(
  root: string,
  copy: string,
  npm: NpmSettings,
  progress: (detail: string) => void,
  { dev }: InstallOptions = { dev: false },
): Promise<string> {
  const lockfile = await fileOfApp(root, 'package-lock.json');
  if (lockfile === null) {
    throw builderError('build_failed', {
      what: 'package-lock.json is not in the app',
      hint: 'Commit the file itself, not a link.',
    });
  }
  const confined = confineLockfile(await readFile(lockfile, 'utf8'), npm);
  const manifest = await fileOfApp(root, 'package.json');
  if (manifest !== null) confineManifest(await readFile(manifest, 'utf8'));
  await cp(root, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => relative(root, source) === '' || !NOT_COPIED.has(basename(source)),
  });
  await writeFile(join(copy, 'package-lock.json'), confined);
  progress(`npm ci from ${npm.registry}`);
  await runNpmCi(copy, npm, dev);
  return copy;
}

async function runNpmCi(folder: string, npm: NpmSettings, dev: boolean): Promise<void> {
  const home = join(dirname(folder), 'npm-home');
  await mkdir(home);
  await writeFile(join(home, '.npmrc'), npmrc(npm));
  const omitted = dev ? [] : ['--omit=dev'];
  const args = ['ci', '--ignore-scripts', ...omitted, '--no-bin-links', `--registry=${registryFor(npm)}`];
  const child = startChild(process.execPath, [npm.cli, ...args], {
    cwd: folder,
    // In the build's own process group, so that it ends with the build.
    env: {
      HOME: home,
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      TMPDIR: process.env.TMPDIR ?? home,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-8000);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  throw builderError('build_failed', {
    what: 'The packages of package-lock.json could not be installed',
    why: npmErrors(output),
    hint: `Run \`npm ci --ignore-scripts${dev ? '' : ' --omit=dev'}\` in a clean copy of the app, and commit package.json and package-lock.json together.`,
  });
}

function npmrc(npm: NpmSettings): string {
  return [
    `registry=${registryFor(npm)}`,
    ...wayOf(npm),
    // Nothing that was let through needs it; a package from a repository is not installed.
    'git=/bin/false',
    `cache=${npm.cacheDir}`,
    ...(npm.cafile === null ? [] : [`cafile=${npm.cafile}`]),
    'audit=false',
    'fund=false',
    'update-notifier=false',
    'logs-max=0',
    'fetch-retries=1',
    '',
  ].join('\n');
}

/** What npm takes for the registry. */
function registryFor({ registry, through }: NpmSettings): string {
  return through?.registry ?? registry;
}

function wayOf({ through }: NpmSettings): string[] {
  // Addresses of the public registry mean "the configured one", as in npm's own default.
  if (through === null) return ['replace-registry-host=npmjs'];
  // The registry names its packages by its own address, which is not known here.
  const replaced = 'replace-registry-host=always';
  return [replaced, `proxy=${through.proxy}`, `https-proxy=${through.proxy}`, 'noproxy='];
}

/** npm's error lines without its prefix; all it printed when there are none. */
function npmErrors(output: string): string {
  const lines = output
    .split('\n')
    .filter((line) => line.startsWith('npm error') && !line.includes('complete log'));
  const text = lines.map((line) => line.replace(/^npm error ?/, '')).join('\n');
  return (text || output).trim().slice(0, 2000);
}
