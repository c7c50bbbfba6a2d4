import type { StoredEvent } from '../../log/index.ts';

/** What the folding thread is told, in this order: where to begin, the events, what to make of the state. */
export type ToFold =
  | { readonly kind: 'begin'; readonly snapshot: Uint8Array | null; readonly code: string }
  | { readonly kind: 'events'; readonly events: readonly StoredEvent[] }
  /** The state is that of this position, whatever the last folded event was. */
  | { readonly kind: 'document'; readonly position: number; readonly office: string }
  | { readonly kind: 'snapshot'; readonly position: number; readonly code: string };

/** One answer to each. */
export type FromFold =
  /** Begun or folded; the position it holds. `begin` with a snapshot that is of no use begins at 0. */
  | { readonly kind: 'at'; readonly position: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly why: string };
