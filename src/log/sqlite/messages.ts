import type { CheckedQuery } from '../filter.ts';

/** One append as the worker needs it: checked, and already text. */
export interface AppendRow {
  readonly id: string;
  readonly segment: string;
  readonly type: string;
  readonly subject: string;
  readonly body: string;
  /** Null: no expectation. */
  readonly expected: number | null;
}

export type AppendOutcome =
  | { readonly kind: 'appended' | 'duplicate'; readonly position: number }
  /** `last`: position of the unit's last event, 0 for none. */
  | { readonly kind: 'conflict'; readonly last: number };

/** A page as text: a JSON array of envelopes, so that it crosses the threads as one string. */
export interface PageText {
  readonly text: string;
  readonly next: number | null;
  readonly head: number;
}

/** Why the worker could not do it; the caller's thread makes the error of it. */
export interface Failure {
  readonly code: 'log_unavailable' | 'log_in_use';
  readonly why: string;
  readonly hint: string;
}

export type ToWorker =
  /** One group: one transaction, one fsync. At most one is under way. */
  | { readonly kind: 'append'; readonly rows: readonly AppendRow[] }
  | { readonly kind: 'read'; readonly ticket: number; readonly query: CheckedQuery }
  | { readonly kind: 'close' };

export type FromWorker =
  | { readonly kind: 'open'; readonly head: number }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'committed'; readonly outcomes: readonly AppendOutcome[] }
  | { readonly kind: 'not_committed'; readonly failure: Failure }
  | { readonly kind: 'page'; readonly ticket: number; readonly page: PageText }
  | { readonly kind: 'no_page'; readonly ticket: number; readonly failure: Failure }
  | { readonly kind: 'closed' };
