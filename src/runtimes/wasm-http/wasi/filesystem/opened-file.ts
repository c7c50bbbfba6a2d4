import type { FileRequest } from '../../../../data/index.ts';
import type { Guest } from '../../guest.ts';
import type { Answered, FilesEpoch } from './app-files.ts';

/** How often an instance has changed files: what it read before a change may be outdated. */
export interface Changes {
  count: number;
}

/** Something open at the other end, for its descriptor and the streams of it; closed when the last of them lets go, or with the instance. */
export class OpenedFile {
  readonly epoch: FilesEpoch;
  readonly handle: number;
  readonly #guest: Guest;
  readonly #changes: Changes;
  #users = 1;
  readonly #close = (): void => {
    this.epoch.call({ op: 'close', handle: this.handle }).catch(() => {}); // closed with its connection
  };

  constructor(guest: Guest, epoch: FilesEpoch, handle: number, changes: Changes) {
    this.#guest = guest;
    this.epoch = epoch;
    this.handle = handle;
    this.#changes = changes;
    guest.keep(this.#close);
  }

  /** Changes of the instance so far. */
  get changes(): number {
    return this.#changes.count;
  }

  retain(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users > 0) return;
    this.#guest.unkeep(this.#close);
    this.#close();
  }

  /** @throws FilesError */
  call(request: FileRequest, bytes?: Uint8Array | null): Promise<Answered> {
    return this.epoch.call(request, bytes);
  }

  /** A call that changes the file. @throws FilesError */
  async change(request: FileRequest, bytes?: Uint8Array | null): Promise<Answered> {
    this.#changes.count++;
    try {
      return await this.epoch.call(request, bytes);
    } finally {
      this.#changes.count++; // what was read meanwhile may have come before it
    }
  }
}
