import type { Guest } from '../../guest.ts';
import { HostResource } from '../host-resource.ts';
import type { InputStream } from './input-stream.ts';
import { Pollable } from './pollable.ts';
import type { Waitable } from './waitable.ts';

/** Most bytes a blocking write may carry; WASI promises guests 4096, we are lenient. */
const MAX_BLOCKING_WRITE_BYTES = 1 << 20;

/** Where an output stream's bytes go. Ready: `permit` is above 0 or throws. */
export interface ByteSink extends Waitable {
  /** Bytes that may be written now; 0 means wait. @throws WasiFailure `closed`, `last-operation-failed` */
  permit(): number;
  /** Takes bytes within the permit; they are the sink's from now on. @throws WasiFailure as `permit` */
  write(bytes: Uint8Array): void;
}

/** `wasi:io/streams.output-stream`. */
export class OutputStream extends HostResource {
  readonly #sink: ByteSink;

  constructor(guest: Guest, sink: ByteSink) {
    super(guest);
    this.#sink = sink;
  }

  checkWrite(): bigint {
    return BigInt(this.#sink.permit());
  }

  write(bytes: Uint8Array): void {
    this.#mustBeBytes(bytes);
    if (bytes.length > this.#sink.permit())
      throw this.guest.trap('misuse', 'write past the permit of check-write');
    this.#sink.write(bytes);
  }

  /** Nothing is kept back here, so there is nothing to push; readiness tells when the reader has caught up. */
  flush(): void {
    this.#sink.permit();
  }

  async blockingFlush(): Promise<void> {
    await this.guest.untilReady([this.#sink]);
    this.#sink.permit();
  }

  async blockingWriteAndFlush(bytes: Uint8Array): Promise<void> {
    this.#mustBeBytes(bytes);
    if (bytes.length > MAX_BLOCKING_WRITE_BYTES)
      throw this.guest.trap('misuse', 'blocking write of over 1 MiB');
    let rest = bytes;
    while (rest.length > 0) {
      await this.guest.untilReady([this.#sink]);
      const size = Math.min(this.#sink.permit(), rest.length);
      this.#sink.write(rest.subarray(0, size));
      rest = rest.subarray(size);
    }
    if (!this.#sink.ready()) await this.guest.untilReady([this.#sink]);
    this.#sink.permit();
  }

  /** A guest declares the types of what it imports, and may have declared a list of something else. */
  #mustBeBytes(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) throw this.guest.trap('misuse', 'write of what is no bytes');
  }

  subscribe(): Pollable {
    return new Pollable(this.guest, this.#sink);
  }

  writeZeroes(length: bigint): void {
    if (length > this.#sink.permit()) throw this.guest.trap('misuse', 'write past the permit of check-write');
    this.#sink.write(new Uint8Array(Number(length)));
  }

  async blockingWriteZeroesAndFlush(length: bigint): Promise<void> {
    if (length > MAX_BLOCKING_WRITE_BYTES) throw this.guest.trap('misuse', 'blocking write of over 1 MiB');
    await this.blockingWriteAndFlush(new Uint8Array(Number(length)));
  }

  splice(source: InputStream, length: bigint): bigint {
    const permit = BigInt(this.#sink.permit());
    const bytes = source.read(length < permit ? length : permit);
    if (bytes.length > 0) this.#sink.write(bytes);
    return BigInt(bytes.length);
  }

  async blockingSplice(source: InputStream, length: bigint): Promise<bigint> {
    await this.guest.untilReady([this.#sink]);
    const permit = BigInt(this.#sink.permit());
    const bytes = await source.blockingRead(length < permit ? length : permit);
    this.#sink.write(bytes);
    return BigInt(bytes.length);
  }
}
