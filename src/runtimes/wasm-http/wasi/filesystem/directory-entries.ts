import type { FileKind, FolderEntry } from '../../../../data/index.ts';
import { WasiFailure } from '../failure.ts';
import { HostResource, RELEASE } from '../host-resource.ts';
import { type FilesHost, suspended } from './call.ts';
import type { OpenedFile } from './opened-file.ts';

/** `wasi:filesystem/types.directory-entry-stream` */
export class DirectoryEntryStream extends HostResource {
  readonly #host: FilesHost;
  #listing: OpenedFile | null;
  #entries: readonly FolderEntry[] = [];
  #isAtEnd = false;

  constructor(host: FilesHost, listing: OpenedFile) {
    super(host.guest);
    this.#host = host;
    this.#listing = listing;
  }

  /** The next entry; undefined: that were all. An entry whose name is no text is told as `illegal-byte-sequence`, and those behind it follow. */
  async readDirectoryEntry(): Promise<{ readonly type: FileKind; readonly name: string } | undefined> {
    const listing = this.#listing;
    if (this.#entries.length === 0 && !this.#isAtEnd && listing !== null) {
      const { reply } = await suspended(this.#host, () =>
        listing.call({ op: 'next', handle: listing.handle }),
      );
      this.#entries = reply.entries ?? [];
      this.#isAtEnd = this.#entries.length === 0;
    }
    const [next, ...rest] = this.#entries;
    if (next === undefined) return undefined;
    this.#entries = rest;
    if (next === null) throw new WasiFailure('illegal-byte-sequence');
    return { type: next.kind, name: next.name };
  }

  override [RELEASE](): void {
    this.#listing?.release();
    this.#listing = null;
    super[RELEASE]();
  }
}
