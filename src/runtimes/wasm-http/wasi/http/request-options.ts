import type { Guest } from '../../guest.ts';
import { HostResource, standsFor } from '../host-resource.ts';

/** `wasi:http/types.request-options`: durations in nanoseconds. */
export class RequestOptions extends HostResource {
  #connect: bigint | undefined;
  #firstByte: bigint | undefined;
  #betweenBytes: bigint | undefined;

  connectTimeout(): bigint | undefined {
    return this.#connect;
  }

  setConnectTimeout(duration: bigint | undefined): void {
    this.#connect = duration;
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte;
  }

  setFirstByteTimeout(duration: bigint | undefined): void {
    this.#firstByte = duration;
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes;
  }

  setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.#betweenBytes = duration;
  }
}

/** The class by which one guest makes options. */
export function requestOptionsOf(guest: Guest) {
  return class GuestRequestOptions {
    static readonly [Symbol.hasInstance] = standsFor(RequestOptions);

    constructor() {
      // biome-ignore lint/correctness/noConstructorReturn: what a guest constructs is an object of the shared class
      return new RequestOptions(guest);
    }
  };
}
