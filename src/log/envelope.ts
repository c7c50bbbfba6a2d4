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
}

/** An event as the log keeps it. */
export interface StoredEvent extends EventDraft {
  readonly specversion: '1.0';
  /** Integer ≥ 1, gap-free, in the order of appends. */
  readonly position: number;
}

/** Largest envelope in bytes of JSON; what is larger belongs into a blob (CONTRACTS §6). */
export const MAX_ENVELOPE_BYTES = 64 * 1024;
