import { type FileKind, type FileSync, MAX_FILE_CHUNK_BYTES, ROOT_HANDLE } from '../../../../data/index.ts';
import { WasiFailure } from '../failure.ts';
import { HostResource, RELEASE } from '../host-resource.ts';
import { ownBytes } from '../io/own-bytes.ts';
import { type AppFiles, type FilesEpoch, FilesError } from './app-files.ts';
import { bytesOf, flagsOf, newTimeOf, sizeOf, textOf, wholeOf } from './arguments.ts';
import { type FilesHost, suspended } from './call.ts';
import { DirectoryEntryStream } from './directory-entries.ts';
import { FileInputStream, FileOutputStream } from './file-streams.ts';
import {
  type DescriptorFlags,
  descriptorFlags,
  descriptorStat,
  metadataHash,
  type Opened,
  ROOT,
} from './opened.ts';
import { type Changes, OpenedFile } from './opened-file.ts';

/** What the descriptors of one instance have in common. */
export interface Descriptors extends FilesHost {
  readonly files: AppFiles;
  readonly changes: Changes;
}

/**
 * `wasi:filesystem/types.descriptor`. What it is asked is carried out by the process that has the app's data; the instance is suspended meanwhile and
 * others run. What is known here is answered at once: type, flags, streams.
 *
 * Its arguments are of whatever types the guest has declared.
 */
export class Descriptor extends HostResource {
  readonly #all: Descriptors;
  readonly #opened: Opened;
  #isHeld = true;

  constructor(all: Descriptors, opened: Opened = ROOT) {
    super(all.guest);
    this.#all = all;
    this.#opened = opened;
  }

  override [RELEASE](): void {
    if (this.#isHeld) this.#opened.file?.release();
    this.#isHeld = false;
    super[RELEASE]();
  }

  getType(): FileKind {
    return this.#opened.kind;
  }

  getFlags(): DescriptorFlags {
    return this.#opened.flags;
  }

  isSameObject(other: unknown): boolean {
    const { file, object } = this.#of(other).#opened;
    return file?.epoch === this.#opened.file?.epoch && object === this.#opened.object;
  }

  readViaStream(offset: unknown): FileInputStream {
    return new FileInputStream(this.#all, this.#file('read'), sizeOf(this.guest, offset));
  }

  writeViaStream(offset: unknown): FileOutputStream {
    return new FileOutputStream(this.#all, this.#file('write'), sizeOf(this.guest, offset));
  }

  appendViaStream(): FileOutputStream {
    return new FileOutputStream(this.#all, this.#file('write'), null);
  }

  /** Advice is of no use to a disk that is elsewhere. */
  advise(): void {
    this.#file(null);
  }

  /** A link could lead anywhere, for whoever looks at the folder from outside. */
  symlinkAt(): never {
    throw new WasiFailure('not-permitted');
  }

  read(length: unknown, offset: unknown): Promise<[Uint8Array, boolean]> {
    return suspended(this.#all, async () => {
      const file = this.#file('read');
      const most = Math.min(wholeOf(this.guest, length), MAX_FILE_CHUNK_BYTES);
      const from = wholeOf(this.guest, offset); // behind the end there is nothing, however far
      const { bytes } = await file.call({ op: 'read', handle: file.handle, offset: from, length: most });
      return [ownBytes(bytes), bytes.length === 0];
    });
  }

  write(buffer: unknown, offset: unknown): Promise<bigint> {
    return suspended(this.#all, async () => {
      const file = this.#file('write');
      const bytes = bytesOf(this.guest, buffer).slice(0, MAX_FILE_CHUNK_BYTES);
      const from = sizeOf(this.guest, offset);
      const { reply } = await file.change({ op: 'write', handle: file.handle, offset: from }, bytes);
      return BigInt(reply.size ?? 0);
    });
  }

  setSize(size: unknown): Promise<void> {
    return suspended(this.#all, async () => {
      const file = this.#file('write');
      await file.change({ op: 'resize', handle: file.handle, size: sizeOf(this.guest, size) });
    });
  }

  sync(): Promise<void> {
    return this.#onDisk('all');
  }

  syncData(): Promise<void> {
    return this.#onDisk('data');
  }

  stat(): Promise<object> {
    return suspended(this.#all, async () => {
      const { epoch, handle } = await this.#base();
      return descriptorStat(await epoch.call({ op: 'stat', handle }));
    });
  }

  statAt(pathFlags: unknown, path: unknown): Promise<object> {
    return suspended(this.#all, async () => {
      const { epoch, at } = await this.#below(path);
      return descriptorStat(await epoch.call({ op: 'stat', ...at, follow: this.#follows(pathFlags) }));
    });
  }

  metadataHash(): Promise<object> {
    return suspended(this.#all, async () => {
      const { epoch, handle } = await this.#base();
      return metadataHash(await epoch.call({ op: 'hash', handle }));
    });
  }

  metadataHashAt(pathFlags: unknown, path: unknown): Promise<object> {
    return suspended(this.#all, async () => {
      const { epoch, at } = await this.#below(path);
      return metadataHash(await epoch.call({ op: 'hash', ...at, follow: this.#follows(pathFlags) }));
    });
  }

  setTimes(access: unknown, modified: unknown): Promise<void> {
    return suspended(this.#all, async () => {
      const times = { access: newTimeOf(this.guest, access), modified: newTimeOf(this.guest, modified) };
      const { epoch, handle } = await this.#base();
      await epoch.call({ op: 'times', handle, ...times });
    });
  }

  setTimesAt(pathFlags: unknown, path: unknown, access: unknown, modified: unknown): Promise<void> {
    return suspended(this.#all, async () => {
      const times = { access: newTimeOf(this.guest, access), modified: newTimeOf(this.guest, modified) };
      const { epoch, at } = await this.#below(path);
      await epoch.call({ op: 'times', ...at, follow: this.#follows(pathFlags), ...times });
    });
  }

  openAt(pathFlags: unknown, path: unknown, openFlags: unknown, flags: unknown): Promise<Descriptor> {
    return suspended(this.#all, async () => {
      const wanted = descriptorFlags(flagsOf(this.guest, flags));
      if (wanted.requestedWriteSync) throw new FilesError('unsupported');
      const { create, exclusive, directory, truncate } = flagsOf(this.guest, openFlags);
      const { epoch, at } = await this.#below(path);
      if (truncate === true) this.#all.changes.count++;
      const { reply } = await epoch.call({
        ...{ op: 'open', ...at, follow: this.#follows(pathFlags) },
        ...{ create: create === true, exclusive: exclusive === true },
        ...{ folder: directory === true, truncate: truncate === true },
        ...{ read: wanted.read, write: wanted.write, mutate: wanted.mutateDirectory },
        sync: wanted.fileIntegritySync ? 'all' : wanted.dataIntegritySync ? 'data' : null,
      });
      const { handle = ROOT_HANDLE, kind = 'unknown', object = '' } = reply;
      const file = new OpenedFile(this.guest, epoch, handle, this.#all.changes);
      const isFolder = kind === 'directory';
      const granted = isFolder ? { ...wanted, mutateDirectory: this.#opened.flags.mutateDirectory } : wanted;
      return new Descriptor(this.#all, { file, kind, object, flags: granted });
    });
  }

  readDirectory(): Promise<DirectoryEntryStream> {
    return suspended(this.#all, async () => {
      const { epoch, handle } = await this.#base();
      const { reply } = await epoch.call({ op: 'list', handle });
      const listing = new OpenedFile(this.guest, epoch, reply.handle ?? ROOT_HANDLE, this.#all.changes);
      return new DirectoryEntryStream(this.#all, listing);
    });
  }

  createDirectoryAt(path: unknown): Promise<void> {
    return this.#change('make-folder', path);
  }

  removeDirectoryAt(path: unknown): Promise<void> {
    return this.#change('remove-folder', path);
  }

  unlinkFileAt(path: unknown): Promise<void> {
    return this.#change('unlink', path);
  }

  /** Of a link that some person has put there: where it leads is a path of the host. */
  readlinkAt(path: unknown): Promise<never> {
    return suspended(this.#all, async () => {
      const { epoch, at } = await this.#below(path);
      await epoch.call({ op: 'read-link', ...at });
      throw new FilesError('not-permitted');
    });
  }

  renameAt(path: unknown, to: unknown, toPath: unknown): Promise<void> {
    return suspended(this.#all, async () => {
      const { epoch, names } = await this.#twoNames(path, to, toPath);
      await epoch.call({ op: 'rename', ...names });
    });
  }

  linkAt(pathFlags: unknown, path: unknown, to: unknown, toPath: unknown): Promise<void> {
    return suspended(this.#all, async () => {
      const follow = this.#follows(pathFlags);
      const { epoch, names } = await this.#twoNames(path, to, toPath);
      await epoch.call({ op: 'link', ...names, follow });
    });
  }

  #change(op: 'make-folder' | 'remove-folder' | 'unlink', path: unknown): Promise<void> {
    return suspended(this.#all, async () => {
      const { epoch, at } = await this.#below(path);
      await epoch.call({ op, ...at });
    });
  }

  #onDisk(sync: FileSync): Promise<void> {
    return suspended(this.#all, async () => {
      const { epoch, handle } = await this.#base();
      await epoch.call({ op: 'sync', handle, sync });
    });
  }

  /** The file it is. @param need what it must have been opened for @throws WasiFailure `is-directory`, `bad-descriptor` */
  #file(need: 'read' | 'write' | null): OpenedFile {
    const { file, kind, flags } = this.#opened;
    if (file === null || kind === 'directory') throw new WasiFailure('is-directory');
    if (need !== null && !flags[need]) throw new WasiFailure('bad-descriptor');
    return file;
  }

  /** Its handle, on its connection. */
  async #base(): Promise<{ readonly epoch: FilesEpoch; readonly handle: number }> {
    return this.#opened.file ?? { epoch: await this.#all.files.epoch(), handle: ROOT_HANDLE };
  }

  async #below(path: unknown) {
    const named = textOf(this.guest, path);
    const { epoch, handle } = await this.#base();
    return { epoch, at: { at: handle, path: named } };
  }

  /** Two names, on one connection. */
  async #twoNames(path: unknown, to: unknown, toPath: unknown) {
    const [from, target] = [textOf(this.guest, path), textOf(this.guest, toPath)];
    const other = this.#of(to);
    const fixed = this.#opened.file?.epoch ?? other.#opened.file?.epoch;
    const epoch = fixed ?? (await this.#all.files.epoch());
    for (const { file } of [this.#opened, other.#opened])
      if (file !== null && file.epoch !== epoch) throw new FilesError('io'); // lost with its connection
    const handleOf = ({ file }: Opened): number => file?.handle ?? ROOT_HANDLE;
    const names = { at: handleOf(this.#opened), path: from, to: handleOf(other.#opened), to_path: target };
    return { epoch, names };
  }

  #follows(pathFlags: unknown): boolean {
    return flagsOf(this.guest, pathFlags).symlinkFollow === true;
  }

  #of(other: unknown): Descriptor {
    if (typeof other === 'object' && other !== null && #opened in other) return other;
    throw this.guest.trap('misuse', 'a descriptor that is none');
  }
}
