import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileOfApp } from '../app-file.ts';
import { builderError } from '../errors.ts';

/** What package.json says that matters to tests. */
export interface TestPackage {
  /** The script `test`; null: there is none. */
  readonly script: string | null;
  /** Packages are to be installed. */
  readonly install: boolean;
  /** Said to the person; null: nothing. */
  readonly note: string | null;
}

/** Packages without which tests run as they do with them: types are stripped. */
const TYPES_ONLY = /^@types\/|^typescript$/;

/**
 * Reads package.json.
 *
 * @throws TabbifyError `build_failed` when it is no JSON, or names packages that the app needs and has no lockfile
 */
export async function readTestPackage(sourceDir: string): Promise<TestPackage> {
  const path = await fileOfApp(sourceDir, 'package.json');
  if (path === null) return { script: null, install: false, note: null };
  const { scripts, dependencies, devDependencies } = parsed(await readFile(path, 'utf8'));
  const needed = Object.keys(record(dependencies));
  const forTests = Object.keys(record(devDependencies)).filter((name) => !TYPES_ONLY.test(name));
  const test = record(scripts).test;
  const script = typeof test === 'string' && test.trim() !== '' ? test : null;
  if ((await fileOfApp(sourceDir, 'package-lock.json')) !== null)
    return { script, install: needed.length + forTests.length > 0, note: null };
  if (needed.length > 0) {
    throw builderError('build_failed', {
      what: `package.json names ${needed[0]}, but there is no package-lock.json`,
      why: 'packages are installed from a lockfile only, for tests as for a push',
      hint: 'Run `npm install` in the app.',
    });
  }
  const note =
    forTests.length === 0
      ? null
      : `${forTests.join(', ')} of devDependencies ${forTests.length === 1 ? 'is' : 'are'} not installed: there is no package-lock.json (\`npm install\` makes it)`;
  return { script, install: false, note };
}

/**
 * The file of a package that is started under a name, as npm links it in `.bin`; relative to the folder of packages.
 *
 * @param folder with what would be `node_modules`
 */
export async function programOf(folder: string, name: string): Promise<string | null> {
  for (const candidate of [name, ...(await namesOf(folder))]) {
    const text = await readFile(join(folder, candidate, 'package.json'), 'utf8').catch(() => null);
    if (text === null) continue;
    const { bin } = parsed(text);
    const own = candidate.slice(candidate.indexOf('/') + 1);
    const file = typeof bin === 'string' ? (own === name ? bin : undefined) : record(bin)[name];
    if (typeof file === 'string') return join(candidate, file);
  }
  return null;
}

/** Names of the packages in a folder; those of packages in packages are not started by scripts. */
async function namesOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  const scoped = names.filter((each) => each.startsWith('@'));
  const below = scoped.map(async (scope) =>
    (await readdir(join(folder, scope))).map((each) => `${scope}/${each}`),
  );
  return [...names.filter((each) => !/^[.@]/.test(each)), ...(await Promise.all(below)).flat()].sort();
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(text));
  } catch {
    throw builderError('build_failed', {
      what: 'package.json cannot be read',
      why: 'it is not JSON',
      hint: 'Correct it; `npm pkg get name` shows where it breaks.',
    });
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
