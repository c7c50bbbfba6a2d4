import { closeSync } from 'node:fs';
import { MAX_OPEN_FILES } from '../limits.ts';
import { FileFailure } from './file-failure.ts';
import type { FileTree, OpenNode } from './file-tree.ts';
import type { Listing } from './listing.ts';
import { type FileSync, ROOT_HANDLE } from './requests.ts';

export interface FileHandle {
  readonly kind: 'file';
  readonly fd: number;
  readonly node: OpenNode;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
  /** What is on disk before a write is answered; null: nothing. */
  readonly sync: FileSync | null;
}

export interface FolderHandle {
  readonly kind: 'folder';
  readonly fd: number;
  readonly mayMutate: boolean;
}

type Opened = FileHandle | FolderHandle;

/** What one connection has open, by number. The folder `/data` itself is always there. */
export class Handles {
  readonly #tree: FileTree;
  readonly #root: FolderHandle;
  readonly #opened = new Map<number, Opened | Listing>();
  /** Those in use by what is not done yet. */
  readonly #held = new Map<Opened, number>();
  /** Those that are closed as soon as they are not. */
  readonly #leaving = new Set<Opened>();
  #last = ROOT_HANDLE;

  constructor(tree: FileTree) {
    this.#tree = tree;
    this.#root = { kind: 'folder', fd: tree.root, mayMutate: true };
  }

  /** @throws FileFailure `insufficient-memory` when there are as many as there may be */
  checkRoom(): void {
    const own = this.#opened.size + this.#leaving.size;
    if (own >= MAX_OPEN_FILES || this.#tree.opened >= 2 * MAX_OPEN_FILES)
      throw new FileFailure('insufficient-memory');
  }

  add(handle: Opened | Listing): number {
    this.#opened.set(++this.#last, handle);
    this.#tree.opened++;
    return this.#last;
  }

  /** @throws FileFailure `bad-descriptor`, `is-directory` */
  file(number: number): FileHandle {
    const handle = this.opened(number);
    if (handle.kind === 'file') return handle;
    throw new FileFailure('is-directory');
  }

  /** @throws FileFailure `bad-descriptor`, `not-directory` */
  folder(number: number): FolderHandle {
    const handle = this.opened(number);
    if (handle.kind === 'folder') return handle;
    throw new FileFailure('not-directory');
  }

  /** @throws FileFailure `bad-descriptor` */
  opened(number: number): Opened {
    if (number === ROOT_HANDLE) return this.#root;
    const handle = this.#opened.get(number);
    if (handle === undefined || handle.kind === 'listing') throw new FileFailure('bad-descriptor');
    return handle;
  }

  /** @throws FileFailure `bad-descriptor` */
  listing(number: number): Listing {
    const handle = this.#opened.get(number);
    if (handle?.kind === 'listing') return handle;
    throw new FileFailure('bad-descriptor');
  }

  /** Keeps a descriptor open until the returned function is called, once. */
  hold(handle: Opened): () => void {
    this.#held.set(handle, (this.#held.get(handle) ?? 0) + 1);
    return () => {
      const left = (this.#held.get(handle) ?? 1) - 1;
      if (left > 0) this.#held.set(handle, left);
      else this.#held.delete(handle);
      if (left === 0 && this.#leaving.delete(handle)) this.#end(handle);
    };
  }

  /** One that is not open is none. */
  close(number: number): void {
    const handle = this.#opened.get(number);
    if (handle === undefined) return;
    this.#opened.delete(number);
    if (handle.kind === 'listing') this.#endListing(handle);
    else if (this.#held.has(handle)) this.#leaving.add(handle);
    else this.#end(handle);
  }

  closeAll(): void {
    for (const number of [...this.#opened.keys()]) this.close(number);
  }

  #endListing(listing: Listing): void {
    this.#tree.opened--;
    listing.close();
  }

  #end(handle: Opened): void {
    this.#tree.opened--;
    closeSync(handle.fd);
    if (handle.kind === 'file') this.#tree.leave(handle.node);
  }
}
