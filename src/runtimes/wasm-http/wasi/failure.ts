/**
 * The `err` case of a WIT `result`, as the glue wants it: whatever is thrown and owns a `payload` is handed to the
 * guest. It is no `Error` on purpose: it is thrown at the end of every body, and a stack trace is costly.
 */
export class WasiFailure {
  readonly payload: unknown;

  /** @param payload value of the `err` case; undefined where the WIT gives it no type */
  constructor(payload?: unknown) {
    this.payload = payload;
  }
}

/** A WIT variant case without or with a payload, e.g. `{ tag: 'closed' }`. */
export interface Variant {
  readonly tag: string;
  readonly val?: unknown;
}
