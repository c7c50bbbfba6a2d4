import { RELEASE } from '../host-resource.ts';
import { InputStream } from '../io/input-stream.ts';
import { OutputStream } from '../io/output-stream.ts';
import type { FilesHost } from './call.ts';
import { fileSink } from './file-sink.ts';
import { fileSource, READ_AHEAD_BYTES } from './file-source.ts';
import type { OpenedFile } from './opened-file.ts';

/** `read-via-stream`: keeps its file open, and what it has read ahead counts against the instance. */
export class FileInputStream extends InputStream {
  #file: OpenedFile | null;

  /** @throws GuestTrap `host_memory` */
  constructor({ guest }: FilesHost, file: OpenedFile, from: number) {
    super(guest, fileSource(guest, file, from));
    guest.holdBytes(READ_AHEAD_BYTES);
    this.#file = file.retain();
  }

  override [RELEASE](): void {
    if (this.#file !== null) {
      this.guest.releaseBytes(READ_AHEAD_BYTES);
      this.#file.release();
      this.#file = null;
    }
    super[RELEASE]();
  }
}

/** `write-via-stream` and `append-via-stream`: keeps its file open. */
export class FileOutputStream extends OutputStream {
  #file: OpenedFile | null;

  /** @param from see `fileSink` */
  constructor(host: FilesHost, file: OpenedFile, from: number | null) {
    super(host.guest, fileSink(host, file, from));
    this.#file = file.retain();
  }

  override [RELEASE](): void {
    this.#file?.release();
    this.#file = null;
    super[RELEASE]();
  }
}
