import type { WireError } from './protocol.ts';

/** What the data process sends to the one that runs SQL, as heads of frames; the body is the request's JSON. */
export type ToSql =
  | {
      readonly do: 'run';
      readonly max_pages: number;
      /** On the clock that all processes of a machine share (`process.hrtime`), in milliseconds; past it nothing is kept. */
      readonly deadline: number;
    }
  | { readonly do: 'tidy' };

/** What comes back; the body of `done` is the answer's JSON. `committing`: from here on the change may be kept. */
export type FromSql =
  | { readonly said: 'open'; readonly pages: number }
  | { readonly said: 'failed'; readonly error: WireError }
  | { readonly said: 'committing' }
  | { readonly said: 'done'; readonly pages: number }
  | { readonly said: 'refused'; readonly error: WireError; readonly pages: number }
  | { readonly said: 'tidied'; readonly pages: number };

/** Descriptor of the socket between the two. */
export const SQL_FD = 3;

/** Milliseconds of a clock that is the same in all processes and never set. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
