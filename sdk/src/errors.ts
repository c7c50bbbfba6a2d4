import type { TabbifyProblem } from '../index.d.ts';

/** A call that the platform has refused, or that did not reach it. */
export class TabbifyError extends Error {
  readonly code: string;
  readonly status: number;
  readonly what: string;
  readonly hint: string | undefined;
  readonly retryAfterSec: number | undefined;

  constructor({ code, status, what, hint, retryAfterSec, cause }: TabbifyProblem) {
    super(hint === undefined ? what : `${what} (${hint})`, { cause });
    this.name = 'TabbifyError';
    this.code = code;
    this.status = status;
    this.what = what;
    this.hint = hint;
    this.retryAfterSec = retryAfterSec;
  }
}

/** Somebody was quicker: what lies under the key is not what the write was to replace. */
export class KvConflict extends TabbifyError {
  readonly key: string;
  readonly revision: string | null;

  constructor(problem: TabbifyProblem, key: string, revision: string | null) {
    super(problem);
    this.name = 'KvConflict';
    this.key = key;
    this.revision = revision;
  }
}

/** The app's own mistake, said before anything is sent. */
export function misuse(code: string, what: string, hint: string): TabbifyError {
  return new TabbifyError({ code, status: 0, what, hint });
}
