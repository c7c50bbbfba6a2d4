import type { StoredEvent } from '../../log/index.ts';

/** What the folding thread is told, in this order: where to begin, the events, what to make of the state. */
export type ToFold =
  /** `from`: position of a snapshot in the home; it may turn out to be of no use. */
  | { readonly kind: 'begin'; readonly home: string; readonly from: number | null; readonly code: string }
  | { readonly kind: 'events'; readonly events: readonly StoredEvent[] }
  /** The state is that of this position, whatever the last folded event was. */
  | { readonly kind: 'document'; readonly position: number; readonly office: string }
  /** Writes it to the home; `event` is the id of the event at the position. */
  | { readonly kind: 'snapshot'; readonly position: number; readonly event: string };

/** One answer to each. */
export type FromFold =
  /** Begun, folded or written; the position it holds. */
  | { readonly kind: 'at'; readonly position: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'failed'; readonly why: string };
