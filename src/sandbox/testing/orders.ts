/** What `owner.ts` is told to do. */
export type Order =
  | {
      readonly do: 'open';
      readonly killed: 'owner' | 'launcher';
      /** Milliseconds after the launcher was started; null: once the box is as it must be. */
      readonly afterMs: number | null;
      /** File that the program in the box writes to. `<ran>.let-go` is there once the box was let go. */
      readonly ran: string;
    }
  /** Opens a box and exits. */
  | { readonly do: 'exit'; readonly ran: string }
  | { readonly do: 'sweep' }
  /** Says what is left. */
  | { readonly do: 'look' };

/** How much there is of an office's boxes after an order. */
export interface Outcome {
  readonly processes: number;
  readonly records: number;
  readonly groups: number;
}
