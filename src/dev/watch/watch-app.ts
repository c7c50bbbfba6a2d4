import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../kit/index.ts';
import { foldersOf } from './folders.ts';
import { pollApp } from './poll-app.ts';
import type { Watching } from './watching.ts';

/** Milliseconds without a change after which those before are told: an editor saves in several steps, a tool many files. */
const QUIET_MS = 20;
/** Milliseconds after which changes are told although they go on. */
const PATIENCE_MS = 200;

export interface WatchOptions {
  /** Called with each path at once, before it is told among others. */
  readonly onStir: (path: string) => void;
  /** Called with absolute paths of files and folders that came, went, or have other content. */
  readonly onChange: (paths: ReadonlySet<string>) => void;
  /** Told once, in words for a person, when changes are only noticed by looking again and again. */
  readonly onTrouble: (text: string) => void;
}

/**
 * Watches the folders of an app, but not what is installed in it: one watch for each folder, which sees files that are replaced as
 * well as those that are written. Where the system has none left, it looks at all files again and again instead.
 *
 * @param root real path of the app's folder
 */
export async function watchApp(root: string, options: WatchOptions): Promise<Watching> {
  const watchers = new Map<string, { readonly identity: string; readonly watcher: FSWatcher }>();
  let polling: Watching | null = null;
  let isClosed = false;
  let paths = new Set<string>();
  let since = 0;
  let timer: NodeJS.Timeout | null = null;

  function changed(path: string): void {
    if (isClosed) return;
    const now = performance.now();
    if (paths.size === 0) since = now;
    if (!paths.has(path)) options.onStir(path);
    paths.add(path);
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => void tell(), Math.max(0, Math.min(QUIET_MS, since + PATIENCE_MS - now)));
  }

  async function tell(): Promise<void> {
    timer = null;
    const told = paths;
    paths = new Set();
    if (polling === null) await follow(); // what is in a folder that has come is seen from here on
    if (!isClosed) options.onChange(told);
  }

  async function follow(): Promise<void> {
    const found = new Map((await foldersOf(root)).map(({ path, identity }) => [path, identity]));
    for (const [path, { identity, watcher }] of watchers) {
      if (found.get(path) === identity) continue;
      watcher.close();
      watchers.delete(path);
    }
    for (const [path, identity] of found)
      if (!watchers.has(path) && polling === null) watchOne(path, identity);
  }

  function watchOne(path: string, identity: string): void {
    if (isClosed) return;
    try {
      const watcher = watch(path, (_event, name) => changed(name === null ? path : join(path, name)));
      watcher.on('error', (error) => gaveUp(path, error));
      watchers.set(path, { identity, watcher });
    } catch (error) {
      gaveUp(path, error);
    }
  }

  function gaveUp(path: string, error: unknown): void {
    watchers.get(path)?.watcher.close();
    watchers.delete(path);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || polling !== null || isClosed) return; // it has gone, or is looked at anyway
    closeAll();
    polling = pollApp(root, changed);
    options.onTrouble(troubleOf(code, messageOf(error)));
  }

  function closeAll(): void {
    for (const { watcher } of watchers.values()) watcher.close();
    watchers.clear();
  }

  await follow();
  return {
    close() {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
      closeAll();
      polling?.close();
    },
  };
}

function troubleOf(code: string | undefined, message: string): string {
  const slower = 'files are looked at again and again instead, which is slower';
  if (code === 'ENOSPC') {
    return `the system has no file watches left, so ${slower}; \`sysctl fs.inotify.max_user_watches=524288\` as root gives more`;
  }
  if (code === 'EMFILE') {
    return `the system lets you watch no more folders, so ${slower}; \`sysctl fs.inotify.max_user_instances=512\` as root allows more`;
  }
  return `the folder cannot be watched (${message}), so ${slower}`;
}
