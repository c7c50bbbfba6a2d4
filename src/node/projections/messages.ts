import type { StoredEvent } from '../../log/index.ts';
import type { DeadLetter } from './deliveries.ts';
import type { TimelineAnswer, TimelineQuery } from './timeline/search.ts';

/** What the thread of the projections is asked. Each is answered under its ticket. */
export type Question =
  /** Opens the file, or makes it. */
  | { readonly kind: 'open' }
  /** Deletes the file; nothing is open then. */
  | { readonly kind: 'discard' }
  /** Events in the order of positions, and up to where nothing else matters. */
  | { readonly kind: 'apply'; readonly events: readonly StoredEvent[]; readonly through: number }
  | { readonly kind: 'search'; readonly query: TimelineQuery }
  | { readonly kind: 'dead_letters'; readonly app: string; readonly before: number; readonly limit: number }
  | { readonly kind: 'close' };

/** How far the projections are. */
export interface Standing {
  /** Everything up to here is in. */
  readonly cursor: number;
  /** The last event that was taken in; null: none yet. */
  readonly last: { readonly position: number; readonly event: string } | null;
  /** Erased words are still being taken out. */
  readonly unfinished: boolean;
  /** Segments that were seen for the first time; with `open` all of them. */
  readonly segments: readonly string[];
}

export type Answer =
  | { readonly kind: 'standing'; readonly standing: Standing }
  | { readonly kind: 'found'; readonly answer: TimelineAnswer }
  | { readonly kind: 'dead_letters'; readonly rows: readonly DeadLetter[] }
  | { readonly kind: 'done' }
  /** `damaged`: the file is of no use any more; otherwise it cannot be written or read now. */
  | { readonly kind: 'failed'; readonly damaged: boolean; readonly full: boolean; readonly why: string };

export type ToProjections = Question & { readonly ticket: number };

export type FromProjections =
  | (Answer & { readonly ticket: number })
  /** Unasked: the erased words are out. */
  | { readonly kind: 'finished' }
  /** An event that a projection could not take in; it goes on with the next. */
  | { readonly kind: 'skipped'; readonly position: number; readonly why: string };
