import type { Guest } from '../../guest.ts';
import { type Variant, WasiFailure } from '../failure.ts';
import { HostResource } from '../host-resource.ts';

/** `wasi:io/error.error`; keeps the HTTP error code that `http-error-code` gives back. */
export class IoError extends HostResource {
  readonly #message: string;
  readonly #code: Variant | undefined;

  constructor(guest: Guest, message: string, code?: Variant) {
    super(guest);
    this.#message = message;
    this.#code = code;
  }

  get httpErrorCode(): Variant | undefined {
    return this.#code;
  }

  toDebugString(): string {
    return this.#message;
  }
}

/** `stream-error.closed`: the end of an input, or an output that takes no more. */
export const CLOSED = new WasiFailure({ tag: 'closed' });

/** `stream-error.last-operation-failed`. */
export function streamFailure(guest: Guest, message: string, code?: Variant): WasiFailure {
  return new WasiFailure({ tag: 'last-operation-failed', val: new IoError(guest, message, code) });
}
