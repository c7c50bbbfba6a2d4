import type { FileCode } from '../../../../data/index.ts';
import type { Guest } from '../../guest.ts';
import { type Variant, WasiFailure } from '../failure.ts';
import { HostResource } from '../host-resource.ts';

/** `wasi:io/error.error`; keeps the code that `http-error-code` or `filesystem-error-code` gives back. */
export class IoError extends HostResource {
  readonly #message: string;
  readonly #code: Variant | undefined;
  readonly #fileCode: FileCode | undefined;

  constructor(guest: Guest, message: string, code?: Variant, fileCode?: FileCode) {
    super(guest);
    this.#message = message;
    this.#code = code;
    this.#fileCode = fileCode;
  }

  get httpErrorCode(): Variant | undefined {
    return this.#code;
  }

  get filesystemErrorCode(): FileCode | undefined {
    return this.#fileCode;
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

/** The same of a stream from or to a file. */
export function fileStreamFailure(guest: Guest, code: FileCode): WasiFailure {
  const error = new IoError(guest, `the file answered ${code}`, undefined, code);
  return new WasiFailure({ tag: 'last-operation-failed', val: error });
}
