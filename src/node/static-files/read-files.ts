import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { checkedFile, type ObjectStore, readTree } from '../../artifacts/index.ts';
import type { ServedFiles } from '../edge/app-directory.ts';
import { createCheckedCopies } from './checked-copies.ts';
import { compressed } from './compress.ts';
import { createMemory } from './memory.ts';
import { MOST_IN_MEMORY } from './static-file.ts';
import type { Form, VersionFiles } from './version-files.ts';

/** How much is kept at hand, in bytes. */
const MEMORY_BYTES = 64 * 1024 * 1024;
const COPIES_BYTES = 1024 * 1024 * 1024;
/** Files whose names are kept at hand: those of a few hundred sites. */
const LISTED_FILES = 100_000;
/** Below `TABBIFY_HOME`; begins empty with each start of the node. */
export const COPIES_FOLDER = 'static';
/** Beyond it a visitor gets the file as it is: compressing has only so many threads, and others need them too. */
const MOST_COMPRESSIONS = 2;

/** Gets the files of versions out of the store, every byte checked against the log. */
export interface FileReader {
  /** The list of a version's files if it is at hand. */
  listed(files: ServedFiles): VersionFiles | undefined;
  /** @throws digest_mismatch, object_unknown, store_unavailable */
  list(files: ServedFiles): Promise<VersionFiles>;
  /** Bytes of a form that is at hand. */
  atHand(form: Form): Buffer | undefined;
  /** Is it known that this form is no shorter, or is there no thread to make it now? */
  isOut(form: Form): boolean;
  /** Bytes of a form of a small file. @returns null when it is no shorter than the file @throws as `list` */
  read(files: ServedFiles, form: Form): Promise<Buffer | null>;
  /** A large file, to be read from any byte; whoever asks closes it. @throws as `list` */
  open(files: ServedFiles, form: Form): Promise<FileHandle>;
}

/** @param home `TABBIFY_HOME` */
export function createFileReader({
  store,
  home,
}: {
  readonly store: ObjectStore;
  readonly home: string;
}): FileReader {
  const lists = new Map<ServedFiles, VersionFiles>();
  const memory = createMemory(MEMORY_BYTES);
  const copies = createCheckedCopies(join(home, COPIES_FOLDER), COPIES_BYTES);
  const noShorter = new Set<string>();
  const reading = new Map<string, Promise<unknown>>();
  let compressing = 0;

  /** Visitors at once wait for one and the same. */
  function once<T>(key: string, work: () => Promise<T>): Promise<T> {
    const known = reading.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const begun = work().finally(() => reading.delete(key));
    reading.set(key, begun);
    return begun;
  }

  async function readList(files: ServedFiles): Promise<VersionFiles> {
    const all = await readTree(store, files.prefix, files.digest);
    const version: VersionFiles = {
      files: new Map([...all].filter(([path]) => path.startsWith(`${files.folder}/`))),
      lastModified: new Date(files.publishedAt).toUTCString(),
      found: new Map(),
    };
    lists.set(files, version);
    let held = [...lists.values()].reduce((sum, { files: { size } }) => sum + size, 0);
    for (const [oldest, { files: listed }] of lists) {
      if (held <= LISTED_FILES || oldest === files) break;
      lists.delete(oldest);
      held -= listed.size;
    }
    return version;
  }

  async function published(prefix: string, path: string, form: Form): Promise<Buffer> {
    const known = memory.get(form.sha256);
    if (known !== undefined) return known;
    const chunks: Buffer[] = [];
    for await (const chunk of checkedFile(store, `${prefix}/${path}`, form)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    memory.set(form.sha256, bytes);
    return bytes;
  }

  async function made(files: ServedFiles, form: Form): Promise<Buffer | null> {
    if (form.coding === null) return null;
    const bytes = await published(files.prefix, form.from, form);
    compressing += 1;
    const shorter = await compressed(bytes, form.coding).finally(() => {
      compressing -= 1;
    });
    if (shorter !== null) memory.set(form.key, shorter);
    else {
      if (noShorter.size >= LISTED_FILES) noShorter.clear();
      noShorter.add(form.key);
    }
    return shorter;
  }

  return {
    listed: (files) => lists.get(files),
    list: (files) => once(files.prefix, () => readList(files)),
    atHand: (form) => memory.get(form.key),
    isOut: (form) =>
      form.isMade &&
      (noShorter.has(form.key) || (compressing >= MOST_COMPRESSIONS && memory.get(form.key) === undefined)),
    read: (files, form) =>
      once(form.key, () => (form.isMade ? made(files, form) : published(files.prefix, form.from, form))),
    open: (files, form) =>
      copies.open(form.sha256, form.size, () => checkedFile(store, `${files.prefix}/${form.from}`, form)),
  };
}

/** Is it read from disk, piece by piece? */
export function isLarge(form: Form): boolean {
  return form.size > MOST_IN_MEMORY;
}
