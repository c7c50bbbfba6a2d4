import type { Guest } from '../../guest.ts';
import { HostResource } from '../host-resource.ts';
import { CLOSED } from './io-error.ts';
import { ownBytes } from './own-bytes.ts';
import { Pollable } from './pollable.ts';
import { READY, type Waitable } from './waitable.ts';

/** Most bytes one read gives, whatever the guest asks for. */
const MAX_READ_BYTES = 64 * 1024;
const NOTHING = new Uint8Array(0);

/** Where an input stream's bytes come from. Ready: `read` gives bytes or throws. */
export interface ByteSource extends Waitable {
  /**
   * @returns at most `limit` bytes; empty when there are none just now
   * @throws WasiFailure `closed` at the end, `last-operation-failed`
   */
  read(limit: number): Uint8Array;
}

export const EMPTY_SOURCE: ByteSource = {
  ...READY,
  read() {
    throw CLOSED;
  },
};

/** `wasi:io/streams.input-stream`. */
export class InputStream extends HostResource {
  readonly #source: ByteSource;

  constructor(guest: Guest, source: ByteSource) {
    super(guest);
    this.#source = source;
  }

  read(length: bigint): Uint8Array {
    const limit = length > MAX_READ_BYTES ? MAX_READ_BYTES : Number(length);
    return limit === 0 ? NOTHING : ownBytes(this.#source.read(limit));
  }

  async blockingRead(length: bigint): Promise<Uint8Array> {
    if (length === 0n) return NOTHING;
    for (;;) {
      await this.guest.untilReady([this.#source]);
      const bytes = this.read(length);
      if (bytes.length > 0) return bytes;
    }
  }

  skip(length: bigint): bigint {
    return BigInt(this.read(length).length);
  }

  async blockingSkip(length: bigint): Promise<bigint> {
    return BigInt((await this.blockingRead(length)).length);
  }

  subscribe(): Pollable {
    return new Pollable(this.guest, this.#source);
  }
}
