import { closeSync, constants, lstatSync, openSync } from 'node:fs';
import { FileFailure } from './file-failure.ts';

/** Bytes of a path in one call, as Linux has it. */
const MAX_CALL_PATH = 4096;
const MAX_NAME = 255;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * A name in an open folder as a path for `node:fs`, which has no `openat(2)`: the kernel goes from the open folder itself, wherever that
 * is by now, so nothing that is put in the way of a path changes where this leads (proc(5), `/proc/self/fd`).
 *
 * @param name one name, or nothing for the folder
 */
export function inFolder(fd: number, name: string | Buffer | null): string | Buffer {
  const folder = `/proc/self/fd/${fd}`;
  if (name === null) return folder;
  return typeof name === 'string' ? `${folder}/${name}` : Buffer.concat([Buffer.from(`${folder}/`), name]);
}

/** Opens a folder in an open folder; no link is followed. @throws what `openSync` does */
export function openFolder(fd: number, name: string | Buffer): number {
  return openSync(inFolder(fd, name), FOLDER);
}

/** Where a path leads: a name in an open folder, which need not be there. */
export interface Place extends Disposable {
  /** Open until this is disposed of. */
  readonly folder: number;
  /** Null: the folder itself. */
  readonly name: string | null;
  /** The path ends like one of a folder. */
  readonly mustBeFolder: boolean;
}

/**
 * Walks a path from an open folder, name by name and each from the folder before, as `openat2(2)` does with `RESOLVE_BENEATH` and
 * `RESOLVE_NO_SYMLINKS`: it never leads above where it began, and no link is followed.
 *
 * @param base open folder
 * @throws FileFailure `not-permitted` for what would lead out: an absolute path, `..` above the base, a link
 */
export function walk(base: number, path: string): Place {
  if (path === '') throw new FileFailure('no-entry');
  if (path.includes('\0')) throw new FileFailure('invalid');
  if (Buffer.byteLength(path) > MAX_CALL_PATH) throw new FileFailure('name-too-long');
  if (path.startsWith('/')) throw new FileFailure('not-permitted');
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  const opened: number[] = [];
  const top = (): number => opened.at(-1) ?? base;
  const close = (): void => {
    for (const fd of opened.splice(0)) closeSync(fd);
  };
  try {
    const last = names.at(-1) === '..' ? undefined : names.pop();
    for (const name of names) {
      if (name !== '..') opened.push(enter(top(), name));
      else if (opened.length === 0) throw new FileFailure('not-permitted');
      else closeSync(opened.pop() as number);
    }
    if (last !== undefined) checkName(last);
    return {
      folder: top(),
      name: last ?? null,
      mustBeFolder: last === undefined || /\/\.?$/.test(path),
      [Symbol.dispose]: close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function enter(fd: number, name: string): number {
  checkName(name);
  try {
    return openFolder(fd, name);
  } catch (error) {
    const entry = lstatSync(inFolder(fd, name), { throwIfNoEntry: false });
    if (entry?.isSymbolicLink()) throw new FileFailure('not-permitted');
    throw error;
  }
}

function checkName(name: string): void {
  if (Buffer.byteLength(name) > MAX_NAME) throw new FileFailure('name-too-long');
}
