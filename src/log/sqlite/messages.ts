import type { PreparedDraft } from '../envelope-schema.ts';
import type { CheckedErase, CheckedQuery } from '../filter.ts';
import type { EraseResult } from '../log-store.ts';

/** One append as the worker needs it: checked, and already text. */
export interface AppendRow {
  readonly id: string;
  readonly segment: string;
  readonly type: string;
  readonly subject: string;
  readonly tenant: string;
  readonly actor: string;
  readonly class?: 'traffic';
  readonly dataref?: string;
  readonly body: string;
  /** Null: no expectation. */
  readonly expected: number | null;
}

/** @param expected position of the unit's last event, 0 for none; null for no expectation */
export function appendRow({ draft, body }: PreparedDraft, expected: number | null): AppendRow {
  const { id, segment, type, subject, tenant, actor, dataref } = draft;
  return {
    id,
    segment,
    type,
    subject,
    tenant,
    actor,
    ...(draft.class !== undefined && { class: draft.class }),
    ...(dataref !== undefined && { dataref }),
    body,
    expected,
  };
}

export type AppendOutcome =
  | { readonly kind: 'appended' | 'duplicate'; readonly position: number }
  /** `last`: position of the unit's last event, 0 for none. */
  | { readonly kind: 'conflict'; readonly last: number }
  /** The blob that `dataref` names is not stored. */
  | { readonly kind: 'blob_missing' };

/** A page as text: a JSON array of envelopes, so that it crosses the threads as one string. */
export interface PageText {
  readonly text: string;
  readonly next: number | null;
  readonly head: number;
  /** Positions within the page that cannot be read as they were written. */
  readonly damaged: readonly number[];
}

/** What the database itself knows of its size, in bytes; times in milliseconds since the epoch. */
export interface FileUsage {
  readonly head: number;
  readonly file: number;
  readonly free: number;
  readonly traffic: { readonly events: number; readonly bytes: number; readonly oldest: number | null };
}

/** Why the worker could not do it; the caller's thread makes the error of it. */
export interface Failure {
  readonly code: 'log_unavailable' | 'log_in_use';
  readonly why: string;
  readonly hint: string;
}

/** What is asked of a thread and answered under a ticket. */
export type Call =
  | { readonly kind: 'read'; readonly query: CheckedQuery }
  | { readonly kind: 'erase'; readonly query: CheckedErase }
  | { readonly kind: 'usage' }
  /** Writes the write-ahead log into the database, as far as nobody is in the way; asked of the reader. */
  | { readonly kind: 'checkpoint' }
  /** Removes those of these blobs that no event names and that were stored before this time, ms. */
  | { readonly kind: 'sweep'; readonly blobs: readonly BlobName[]; readonly storedBefore: number };

export interface BlobName {
  readonly tenant: string;
  /** `sha256:<hex>`. */
  readonly digest: string;
}

export interface SweepResult {
  readonly removed: number;
  readonly bytes: number;
}

export interface Answers {
  readonly read: PageText;
  /** `blobBytes`: of `bytes`, those of blobs. */
  readonly erase: EraseResult & { readonly blobBytes: number };
  readonly usage: FileUsage;
  readonly sweep: SweepResult;
  readonly checkpoint: undefined;
}

/** Two threads serve one log: one writes, the other reads, so that no page waits for an fsync. */
export type Role = 'writer' | 'reader';

export interface WorkerSettings {
  readonly file: string;
  readonly blobs: string;
  readonly role: Role;
}

export type ToWorker =
  /** Opens the file: the reader after the writer has made or migrated it. `now`: the log's clock, ms. */
  | { readonly kind: 'open'; readonly now: number }
  /** One group: one transaction, one fsync. At most one is under way. `at`: when it was taken in, ms. */
  | { readonly kind: 'append'; readonly rows: readonly AppendRow[]; readonly at: number }
  | { readonly kind: 'call'; readonly ticket: number; readonly call: Call }
  | { readonly kind: 'close' };

export type FromWorker =
  /** `warning`: what was found wrong that need not have lost anything. */
  | {
      readonly kind: 'open';
      readonly head: number;
      readonly migrated: number | null;
      readonly warning: string | null;
    }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'committed'; readonly outcomes: readonly AppendOutcome[] }
  | { readonly kind: 'not_committed'; readonly failure: Failure }
  | { readonly kind: 'answer'; readonly ticket: number; readonly answer: Answers[Call['kind']] }
  | { readonly kind: 'no_answer'; readonly ticket: number; readonly failure: Failure }
  | { readonly kind: 'closed' };
