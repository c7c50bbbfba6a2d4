/** JSON as it travels in events. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** An event as a writer hands it in: CloudEvents 1.0 attributes, without what the log assigns (CONTRACTS §6). */
export interface EventDraft {
  /** UUID v7 (or v5 of a cause): the idempotency key. */
  readonly id: string;
  /** URI reference of the part that speaks, e.g. `/node`, `/supervisors/local`. */
  readonly source: string;
  readonly type: string;
  /** The unit within the segment, e.g. `app/<uuid>`. */
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  /** `tabbify:<type>/<n>`. */
  readonly dataschema: string;
  readonly data: JsonObject;
  /** Dotted lower-case tokens, e.g. `tenant_default.apps`. */
  readonly segment: string;
  /** The office's slug. */
  readonly tenant: string;
  /** `user:…`, `agent:…`, `app:<uuid>`, `supervisor:…` or `system`. */
  readonly actor: string;
  readonly causationid?: string;
  readonly correlationid?: string;
  /**
   * Absent: class `office`, folded and kept for ever. `traffic` (webhook bodies, what apps emit, refusals): never
   * folded, its body is erased after a time or when there is too much of it (CONTRACTS §6).
   */
  readonly class?: 'traffic';
  /** `sha256:<hex>` of the blob that holds what an envelope has no room for; it is stored before the append. */
  readonly dataref?: string;
  /**
   * Name of the key under which the body is sealed (`sealing/`), set by the log alone: what comes from outside never
   * carries it. A reader who may see the body finds `data` opened.
   */
  readonly sealedby?: string;
}

export type EventClass = 'office' | 'traffic';

/** An event as the log keeps it. */
export interface StoredEvent extends EventDraft {
  readonly specversion: '1.0';
  /** Integer ≥ 1, gap-free, in the order of appends. */
  readonly position: number;
  /**
   * The body is gone, or its key: `data` is `{}`, this is the digest of the stored body, `sha256:<hex>`.
   */
  readonly erased?: string;
}

/** What stands in an event's data for a blob (CONTRACTS §6). */
export interface BlobRef {
  /** `sha256:<hex>`. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly mediatype: string;
}

/** Largest envelope in bytes of JSON; what is larger belongs into a blob (CONTRACTS §6). */
export const MAX_ENVELOPE_BYTES = 64 * 1024;
