import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { needsInstall, packagesOfLockfile } from '../../builder/index.ts';

export interface PackageKeeperOptions {
  /** The app's folder. */
  readonly root: string;
  /** `TABBIFY_HOME` of the server. */
  readonly home: string;
  /** Folder of this process alone. */
  readonly folder: string;
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Finds an app's packages: those that are installed in its folder, or those of its lockfile, installed elsewhere as a build does. */
export interface PackageKeeper {
  /**
   * @returns folder that holds their `node_modules`; null: they are in the app's own folder, or there are none
   * @throws TabbifyError `build_failed` when they cannot be installed
   */
  find(): Promise<string | null>;
}

/** What decides what is installed. */
const LISTS = ['package.json', 'package-lock.json'];

export function keepPackages({ root, home, folder, note, signal }: PackageKeeperOptions): PackageKeeper {
  let known: { readonly lists: string; readonly found: string } | null = null;

  async function install(lists: string): Promise<string> {
    note(
      'node_modules is not there: the packages of package-lock.json are installed as a push does, outside of the folder',
    );
    const installed = await packagesOfLockfile({ sourceDir: root, home, onProgress: () => {}, signal });
    const found = join(folder, 'packages', lists);
    await rm(found, { recursive: true, force: true });
    await mkdir(found, { recursive: true, mode: 0o700 });
    await symlink(installed, join(found, 'node_modules'));
    return found;
  }

  return {
    async find() {
      if (await isFolder(join(root, 'node_modules'))) return null;
      if (!(await needsInstall(root))) return null;
      const lists = await digestOf(root);
      if (known?.lists !== lists) known = { lists, found: await install(lists) };
      return known.found;
    },
  };
}

async function digestOf(root: string): Promise<string> {
  const texts = await Promise.all(LISTS.map((name) => readFile(join(root, name), 'utf8').catch(() => '')));
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16);
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
