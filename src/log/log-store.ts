import type { EventDraft, StoredEvent } from './envelope.ts';

/** What an append was answered with. */
export interface AppendResult {
  readonly position: number;
  /** The id was known: nothing was appended, `position` is the original's. */
  readonly duplicate: boolean;
}

export interface AppendOptions {
  /** Position of the last event of (segment, subject) that the writer has seen; 0 = there must be none. */
  readonly expectedPosition?: number;
}

/** Which events: every given field must match. */
export interface EventFilter {
  /** Segment patterns; `*` stands for any run of characters within one token. */
  readonly segments?: readonly string[];
  readonly types?: readonly string[];
  readonly subject?: string;
}

export interface ReadQuery extends EventFilter {
  /** Only positions greater than this; default 0. */
  readonly after?: number;
  /** Page size, 1 to 1000; default 100. */
  readonly limit?: number;
}

export interface EventPage {
  readonly events: readonly StoredEvent[];
  /** Pass as `after` to go on; null when the page reached the head. */
  readonly next: number | null;
  /** Position of the last event of the whole log at the time of reading. */
  readonly head: number;
}

export interface SubscribeQuery extends EventFilter {
  /** Cursor: delivery begins with the first matching position greater than this. */
  readonly after: number;
}

/**
 * The one ordered, append-only log of an office. Implementations share `logStoreConformance`.
 *
 * Errors (`TabbifyError`): `position_conflict` 409, `envelope_too_large` 413, `envelope_invalid` 400,
 * `log_unavailable` 503 (closed, disk full, server away), `log_in_use` 409 (opened twice).
 */
export interface LogStore {
  /**
   * Appends one event, atomically; resolves after it is on disk.
   * Order of checks: a known id answers its original position with `duplicate: true`; then the expectation.
   */
  append(draft: EventDraft, options?: AppendOptions): Promise<AppendResult>;
  /** One page, oldest first. */
  read(query: ReadQuery): Promise<EventPage>;
  /** Every matching event after the cursor, in order and without a gap, then live ones, until the signal aborts. */
  subscribe(query: SubscribeQuery, signal: AbortSignal): AsyncIterable<StoredEvent>;
  /** Position of the last event; 0 for an empty log. */
  head(): Promise<number>;
  close(): Promise<void>;
}
