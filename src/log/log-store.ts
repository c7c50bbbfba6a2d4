import type { BlobRef, EventClass, EventDraft, StoredEvent } from './envelope.ts';
import type { Watch } from './watch.ts';

/** What an append was answered with. */
export interface AppendResult {
  readonly position: number;
  /** The id was known: nothing was appended, `position` is the original's. */
  readonly duplicate: boolean;
}

export interface AppendOptions {
  /** Position of the last event of (segment, subject) that the writer has seen; 0 = there must be none. */
  readonly expectedPosition?: number;
  /**
   * Name of the key under which the body is sealed before it is stored, e.g. `default/integration/<id>`; destroying
   * the key erases every body under it, in copies of the log too. Only a log with a keyring takes it (`sealing/`).
   */
  readonly sealUnder?: string;
}

/** Which events: every given field must match. An empty list lets nothing pass. */
export interface EventFilter {
  /** Segment patterns; `*` stands for any run of characters within one token. */
  readonly segments?: readonly string[];
  readonly types?: readonly string[];
  readonly subject?: string;
  /** Who said it, e.g. `user:owner`. */
  readonly actor?: string;
  /** Offices; set by the node for those who may see only theirs. */
  readonly tenants?: readonly string[];
  readonly class?: EventClass;
}

export interface ReadQuery extends EventFilter {
  /** Only positions greater than this; default 0. */
  readonly after?: number;
  /** Only positions smaller than this. */
  readonly before?: number;
  /** Only what the log took in at this time or later, RFC 3339; by the log's own clock, which never goes back. */
  readonly since?: string;
  /** Only what the log took in before this time, RFC 3339. */
  readonly until?: string;
  /** Default `oldest` first. */
  readonly order?: 'oldest' | 'newest';
  /** Page size, 1 to 1000; default 100. */
  readonly limit?: number;
}

export interface EventPage {
  /** In the order asked for. Erased events are among them, with `erased` set and without a body. */
  readonly events: readonly StoredEvent[];
  /** To go on pass it as `after` (oldest first) or `before` (newest first); null when there is no more. */
  readonly next: number | null;
  /** Position of the last event of the whole log at the time of reading. */
  readonly head: number;
  /** Positions between this page's ends whose events are damaged on disk and left out; see `tabbify doctor`. */
  readonly damaged: readonly number[];
}

/** What a subscription passes over. */
export type Gap =
  /** Bodies that were erased: `count` events that would have matched, the last at `through`. */
  | { readonly kind: 'erased'; readonly count: number; readonly through: number }
  | { readonly kind: 'damaged'; readonly positions: readonly number[] };

export interface SubscribeQuery extends EventFilter {
  /** Cursor: delivery begins with the first matching position greater than this. */
  readonly after: number;
  /**
   * Told before the next event when something was passed over. Without it erased events are passed over in silence
   * (they have nothing to deliver) and a damaged one ends the subscription with `event_damaged`.
   */
  readonly onGap?: (gap: Gap) => void;
}

/**
 * The one ordered, append-only log of an office. Implementations share `logStoreConformance`.
 *
 * Errors (`TabbifyError`): `position_conflict` 409, `envelope_too_large` 413, `envelope_invalid` 400,
 * `query_invalid` 400, `blob_missing` 409, `blob_too_large` 413, `event_damaged` 500,
 * `log_unavailable` 503 (closed, disk full, server away), `log_in_use` 409 (opened twice).
 */
export interface LogStore {
  /**
   * Appends one event, atomically; resolves after it is on disk.
   * Order of checks: a known id answers its original position with `duplicate: true`; then the expectation; then that
   * the blob named by `dataref` is there.
   */
  append(draft: EventDraft, options?: AppendOptions): Promise<AppendResult>;
  /** One page. */
  read(query: ReadQuery): Promise<EventPage>;
  /** Every matching event after the cursor, in order and without a gap, then live ones, until the signal aborts. */
  subscribe(query: SubscribeQuery, signal: AbortSignal): AsyncIterable<StoredEvent>;
  /** Position of the last event; 0 for an empty log. */
  head(): Promise<number>;
  /**
   * Stores what is too large for an envelope, under its digest; resolves after it is on disk. The same bytes again
   * are the same blob. A blob that no event names within a day is removed.
   */
  putBlob(tenant: string, bytes: Uint8Array, mediatype: string): Promise<BlobRef>;
  /** @throws TabbifyError `blob_missing`; `blob_damaged` when the bytes no longer have this digest */
  readBlob(tenant: string, digest: string): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Which bodies to erase. At least one of `before` and `subject` narrows it. */
export interface EraseQuery {
  /** Only events that the log took in before this time, RFC 3339. */
  readonly before?: string;
  readonly tenants?: readonly string[];
  readonly subject?: string;
  /** Stop after about this many events, so that appends in between are not held up; default 500. */
  readonly limit?: number;
}

/** What one step of erasing did. */
export interface EraseResult {
  /** Events that became tombstones now. */
  readonly erased: number;
  /** Bytes of bodies that went, blobs included. */
  readonly bytes: number;
  /** Last position that was looked at; pass on to the report. 0 when nothing was. */
  readonly through: number;
  /** There may be more: call again. */
  readonly more: boolean;
}

/** What the log takes on disk, in bytes. */
export interface LogUsage {
  readonly head: number;
  /** Database and write-ahead log. */
  readonly file: number;
  /** Of it free for new events. */
  readonly free: number;
  readonly blobs: number;
  /** Bodies of class `traffic` that are kept. */
  readonly traffic: { readonly events: number; readonly bytes: number; readonly oldest: string | null };
}

/** A log on this machine's disk, as the node keeps it. */
export interface KeptLog extends LogStore {
  /**
   * A subscription to take from. `arrived` is called after a `take` that found nothing, when there may be something.
   *
   * @throws TabbifyError `query_invalid`
   */
  watch(query: SubscribeQuery, signal: AbortSignal, arrived: () => void): Watch;
  /** Erases bodies of `traffic` events, oldest first, and the blobs that only they named. Others are never touched. */
  erase(query: EraseQuery): Promise<EraseResult>;
  usage(): Promise<LogUsage>;
  /** Removes blobs that no event has named for a day. */
  sweepBlobs(): Promise<{ readonly removed: number; readonly bytes: number }>;
}
