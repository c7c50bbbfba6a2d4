import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What of a lockfile tells whether a build installs what lies in a folder. */
interface Locked {
  readonly packages?: Readonly<Record<string, { readonly version?: string; readonly dev?: boolean }>>;
}

/**
 * Where packages that are installed in an app's folder are not those that a build installs from its lockfile, each in a sentence that
 * ends with what helps.
 *
 * @param root folder with `node_modules` and, if there is one, `package-lock.json`
 * @param packages folders of those that the app uses: `node_modules/hono`
 */
export async function lockfileDifferences(
  root: string,
  packages: readonly string[],
): Promise<readonly string[]> {
  if (packages.length === 0) return [];
  const lock = await readJson<Locked>(join(root, 'package-lock.json'));
  if (lock === null) {
    return [
      'packages are installed from package-lock.json when the app is pushed, and there is none: run `npm install`, and keep that file',
    ];
  }
  const found = await Promise.all(packages.map((folder) => differenceOf(root, folder, lock)));
  return found.filter((each) => each !== null);
}

async function differenceOf(root: string, folder: string, lock: Locked): Promise<string | null> {
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const locked = lock.packages?.[folder];
  if (locked === undefined) {
    return `the package ${name} is not in package-lock.json, so a push does not install it: run \`npm install ${name}\``;
  }
  if (locked.dev === true) {
    return `the package ${name} is under "devDependencies", which a push does not install: run \`npm install --save-prod ${name}\``;
  }
  const installed = await readJson<{ version?: string }>(join(root, folder, 'package.json'));
  if (installed === null || locked.version === undefined || installed.version === locked.version) return null;
  return `${name} ${installed.version} is installed, and a push installs ${locked.version} of package-lock.json: run \`npm ci\``;
}

/** Null: there is none, or it cannot be read; a build says more of that. */
async function readJson<Value>(path: string): Promise<Value | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Value;
  } catch {
    return null;
  }
}
