import {
  type BigIntStats,
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { MAX_FILE_CHUNK_BYTES, PAGE_BYTES } from '../limits.ts';
import { inFolder, openFolder, type Place, walk } from './beneath.ts';
import { FileFailure, fileCodeOf } from './file-failure.ts';
import { kindOf, metadataHashOf, objectOf, statOf } from './file-stat.ts';
import { type FileTree, idOf } from './file-tree.ts';
import { type FileHandle, type FolderHandle, Handles } from './handles.ts';
import { openListing } from './listing.ts';
import type { FileReply, FileRequest, FileSync, NewTime } from './requests.ts';
import { chargeOf, reachOf } from './usage.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const ON_DISK: Readonly<Record<FileSync, (fd: number) => Promise<void>>> = {
  data: promisify(fdatasync),
  all: promisify(fsync),
};

/** An answer, and what was read. */
export interface FileAnswer {
  readonly reply: FileReply;
  readonly bytes?: Uint8Array;
}

type Request<Op extends FileRequest['op']> = Extract<FileRequest, { readonly op: Op }>;
type Target = Request<'stat'> | Request<'hash'> | Request<'times'>;

/** What one connection does with the files: its handles, and the calls of `wasi:filesystem` on them. */
export interface FileSession {
  /**
   * Carries a call out. All is done when it comes back, but for what is to be on disk first: that is waited for elsewhere. Never rejects:
   * what fails is a reply with `error`.
   */
  run(request: FileRequest, bytes: Uint8Array): FileAnswer | Promise<FileAnswer>;
  /** Closes all that is open. */
  close(): void;
}

export function openFileSession(tree: FileTree): FileSession {
  const handles = new Handles(tree);

  function open(request: Request<'open'>): FileReply {
    const base = handles.folder(request.at);
    const changes = request.create || request.truncate || request.write || request.mutate;
    if (changes && !base.mayMutate) throw new FileFailure('read-only');
    if (request.folder && (request.create || request.truncate)) throw new FileFailure('invalid');
    if (request.truncate && !request.write) throw new FileFailure('invalid');
    handles.checkRoom();
    using place = walk(base.fd, request.path);
    const entry = place.name === null ? statOfFolder(place) : entryAt(place);
    if (entry === undefined) return create(request, place);
    if (request.create && request.exclusive) throw new FileFailure('exist');
    if (entry.isSymbolicLink()) throw new FileFailure(request.follow ? 'not-permitted' : 'loop');
    if (entry.isDirectory()) return enterFolder(request, place, base);
    if (request.folder || place.mustBeFolder) throw new FileFailure('not-directory');
    if (!entry.isFile()) throw new FileFailure('not-permitted'); // a device or the like, which some person put there
    return enterFile(request, place, 0);
  }

  function create(request: Request<'open'>, place: Place): FileReply {
    if (!request.create) throw new FileFailure('no-entry');
    if (place.name === null || place.mustBeFolder) throw new FileFailure('is-directory');
    tree.checkEntry(place.folder, place.name);
    const charge = chargeOf(0);
    tree.take(charge);
    try {
      const reply = enterFile(request, place, O_CREAT | O_EXCL);
      tree.named();
      return reply;
    } catch (error) {
      tree.give(charge);
      throw error;
    }
  }

  function enterFile(request: Request<'open'>, { folder, name }: Place, flags: number): FileReply {
    const mode = request.write ? (request.read ? O_RDWR : O_WRONLY) : O_RDONLY;
    const fd = openSync(inFolder(folder, name), mode | flags | O_NOFOLLOW | O_NONBLOCK, 0o600);
    try {
      const entry = fstatSync(fd, { bigint: true });
      if (!entry.isFile()) throw new FileFailure('not-permitted');
      const node = tree.enter(entry);
      try {
        if (request.truncate) tree.resize(node, fd, 0, () => ftruncateSync(fd, 0));
      } catch (error) {
        tree.leave(node);
        throw error;
      }
      const { read: mayRead, write: mayWrite, sync } = request;
      const handle = handles.add({ kind: 'file', fd, node, mayRead, mayWrite, sync });
      return { handle, kind: 'regular-file', object: objectOf(entry, tree.salt) };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  function enterFolder(request: Request<'open'>, { folder, name }: Place, base: FolderHandle): FileReply {
    if (request.create || request.write || request.truncate) throw new FileFailure('is-directory');
    const fd = openFolder(folder, name ?? '.');
    const entry = fstatSync(fd, { bigint: true });
    // As wasmtime has it: programs rely on folders to allow what the one does in which they were found.
    const handle = handles.add({ kind: 'folder', fd, mayMutate: base.mayMutate });
    return { handle, kind: 'directory', object: objectOf(entry, tree.salt) };
  }

  function read({ handle, offset, length }: Request<'read'>): FileAnswer {
    const file = handles.file(handle);
    if (!file.mayRead) throw new FileFailure('bad-descriptor');
    const bytes = Buffer.allocUnsafe(Math.min(length, Math.max(0, file.node.size - offset)));
    const count = bytes.length === 0 ? 0 : readSync(file.fd, bytes, 0, bytes.length, offset);
    return { reply: {}, bytes: bytes.subarray(0, count) };
  }

  function write(file: FileHandle, offset: number, bytes: Uint8Array): FileAnswer | Promise<FileAnswer> {
    if (!file.mayWrite) throw new FileFailure('bad-descriptor');
    if (bytes.length > MAX_FILE_CHUNK_BYTES) throw new FileFailure('invalid');
    const end = offset + bytes.length;
    if (!Number.isSafeInteger(end)) throw new FileFailure('file-too-large');
    if (bytes.length === 0) return { reply: { size: 0 } };
    const { node, fd } = file;
    const size = tree.resize(node, fd, Math.max(node.size, end), () => writeAll(fd, bytes, offset));
    const answer = { reply: { size } };
    return file.sync === null ? answer : onDisk(file, file.sync).then(() => answer);
  }

  function resize({ handle, size }: Request<'resize'>): FileReply | Promise<FileReply> {
    const file = handles.file(handle);
    if (!file.mayWrite) throw new FileFailure('bad-descriptor');
    tree.resize(file.node, file.fd, size, () => ftruncateSync(file.fd, size));
    return file.sync === null ? {} : onDisk(file, file.sync).then(() => ({}));
  }

  /** The descriptor is another file's as soon as it is closed, so it stays open until then. */
  async function onDisk(handle: FileHandle | FolderHandle, sync: FileSync): Promise<void> {
    const release = handles.hold(handle);
    try {
      await ON_DISK[sync](handle.fd);
    } finally {
      release();
    }
  }

  /** What a target is; a link itself, where it is not to be followed. */
  function lookAt(request: Target): BigIntStats {
    if ('handle' in request) return fstatSync(handles.opened(request.handle).fd, { bigint: true });
    using place = walk(handles.folder(request.at).fd, request.path);
    return existing(place, request.follow);
  }

  function setTimes(request: Request<'times'>): FileReply {
    const now = Date.now() / 1000;
    const secondsOf = (time: NewTime, ns: bigint): number =>
      time === null ? Number(ns) / 1e9 : time === 'now' ? now : time;
    const both = (entry: BigIntStats): [number, number] => [
      secondsOf(request.access, entry.atimeNs),
      secondsOf(request.modified, entry.mtimeNs),
    ];
    if ('handle' in request) {
      const opened = handles.opened(request.handle);
      const may = opened.kind === 'file' ? opened.mayWrite : opened.mayMutate;
      if (!may) throw new FileFailure('not-permitted');
      futimesSync(opened.fd, ...both(fstatSync(opened.fd, { bigint: true })));
      return {};
    }
    using place = walk(mutable(request.at), request.path);
    const entry = existing(place, request.follow);
    lutimesSync(inFolder(place.folder, place.name ?? '.'), ...both(entry));
    return {};
  }

  function makeFolder({ at, path }: Request<'make-folder'>): FileReply {
    using place = walk(mutable(at), path);
    if (place.name === null || entryAt(place) !== undefined) throw new FileFailure('exist');
    tree.checkEntry(place.folder, place.name);
    tree.take(PAGE_BYTES);
    try {
      mkdirSync(inFolder(place.folder, place.name), 0o700);
    } catch (error) {
      tree.give(PAGE_BYTES);
      throw error;
    }
    tree.named();
    return {};
  }

  function remove(request: Request<'remove-folder'> | Request<'unlink'>): FileReply {
    using place = walk(mutable(request.at), request.path);
    const isFolder = request.op === 'remove-folder';
    if (place.name === null) throw new FileFailure(isFolder ? 'invalid' : 'is-directory');
    const entry = existing(place, false);
    if (entry.isDirectory() !== isFolder) throw new FileFailure(isFolder ? 'not-directory' : 'is-directory');
    const path = inFolder(place.folder, place.name);
    if (isFolder) rmdirSync(path);
    else unlinkSync(path);
    tree.unnamed(entry);
    return {};
  }

  function rename(request: Request<'rename'>): FileReply {
    using from = walk(mutable(request.at), request.path);
    using to = walk(mutable(request.to), request.to_path);
    if (from.name === null || to.name === null) throw new FileFailure('busy');
    const entry = existing(from, false);
    const target = entryAt(to);
    if (!entry.isDirectory() && to.mustBeFolder) throw new FileFailure('not-directory');
    const below = entry.isDirectory() ? reachOf(from.folder, from.name) : { depth: 0, pathBytes: 0 };
    tree.checkReach(to.folder, to.name, below);
    renameSync(inFolder(from.folder, from.name), inFolder(to.folder, to.name));
    // Two names of one file: nothing happens (rename(2)).
    if (target !== undefined && idOf(target) !== idOf(entry)) tree.unnamed(target);
    return {};
  }

  function link(request: Request<'link'>): FileReply {
    using from = walk(mutable(request.at), request.path);
    using to = walk(mutable(request.to), request.to_path);
    if (from.name === null || to.name === null) throw new FileFailure('not-permitted');
    const entry = existing(from, request.follow);
    if (!entry.isFile()) throw new FileFailure('not-permitted');
    if (to.mustBeFolder) throw new FileFailure('not-directory');
    if (entryAt(to) !== undefined) throw new FileFailure('exist');
    tree.checkEntry(to.folder, to.name);
    linkSync(inFolder(from.folder, from.name), inFolder(to.folder, to.name));
    tree.named();
    return {};
  }

  /** Where a link leads is a path of the host, if it leads anywhere: an app makes none. */
  function readLink({ at, path }: Request<'read-link'>): never {
    using place = walk(handles.folder(at).fd, path);
    throw new FileFailure(existing(place, false).isSymbolicLink() ? 'not-permitted' : 'invalid');
  }

  function mutable(handle: number): number {
    const { fd, mayMutate } = handles.folder(handle);
    if (!mayMutate) throw new FileFailure('read-only');
    return fd;
  }

  function perform(
    request: FileRequest,
    bytes: Uint8Array,
  ): FileReply | FileAnswer | Promise<FileReply | FileAnswer> {
    switch (request.op) {
      case 'open':
        return open(request);
      case 'close':
        handles.close(request.handle);
        return {};
      case 'read':
        return read(request);
      case 'write':
        return write(handles.file(request.handle), request.offset, bytes);
      case 'append': {
        const file = handles.file(request.handle);
        return write(file, file.node.size, bytes);
      }
      case 'resize':
        return resize(request);
      case 'sync':
        return onDisk(handles.opened(request.handle), request.sync).then(() => ({}));
      case 'stat':
        return { stat: statOf(lookAt(request)) };
      case 'hash':
        return { hash: metadataHashOf(lookAt(request), tree.salt) };
      case 'times':
        return setTimes(request);
      case 'make-folder':
        return makeFolder(request);
      case 'remove-folder':
      case 'unlink':
        return remove(request);
      case 'read-link':
        return readLink(request);
      case 'rename':
        return rename(request);
      case 'link':
        return link(request);
      case 'list':
        handles.checkRoom();
        return { handle: handles.add(openListing(handles.folder(request.handle).fd)) };
      case 'next':
        return { entries: handles.listing(request.handle).next() };
    }
  }

  return {
    run(request, bytes) {
      const failed = (error: unknown): FileAnswer => ({ reply: { error: fileCodeOf(error) } });
      try {
        const outcome = perform(request, bytes);
        return outcome instanceof Promise ? outcome.then(asAnswer, failed) : asAnswer(outcome);
      } catch (error) {
        return failed(error);
      }
    },
    close: () => handles.closeAll(),
  };
}

function asAnswer(outcome: FileReply | FileAnswer): FileAnswer {
  return 'reply' in outcome ? outcome : { reply: outcome };
}

function statOfFolder({ folder }: Place): BigIntStats {
  return fstatSync(folder, { bigint: true });
}

/** What a place has by that name, a link itself; undefined: nothing. */
function entryAt({ folder, name }: Place): BigIntStats | undefined {
  return lstatSync(inFolder(folder, name), { bigint: true, throwIfNoEntry: false });
}

/** @throws FileFailure `no-entry`; `not-directory` where the path wants one; `not-permitted` for a link that is to be followed */
function existing(place: Place, follow: boolean): BigIntStats {
  const entry = place.name === null ? statOfFolder(place) : entryAt(place);
  if (entry === undefined) throw new FileFailure('no-entry');
  if (entry.isSymbolicLink() && (follow || place.mustBeFolder)) throw new FileFailure('not-permitted');
  if (place.mustBeFolder && kindOf(entry) !== 'directory') throw new FileFailure('not-directory');
  return entry;
}

/** @returns bytes written; fewer than there are when the disk took no more */
function writeAll(fd: number, bytes: Uint8Array, offset: number): number {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
    } catch (error) {
      if (done === 0) throw error;
      break;
    }
  }
  return done;
}
