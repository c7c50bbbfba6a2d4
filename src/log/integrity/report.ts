/** What `verifyLog` found. Nothing is damaged when `damaged` and `structure` are empty and the chain is `ok`. */
export interface LogReport {
  /** Position of the last event that the file knows of. */
  readonly head: number;
  /** Events that can be read as they were written. */
  readonly events: number;
  /** Positions that cannot, and why; at most 10,000, `damagedCount` says how many there are. */
  readonly damaged: readonly DamagedEvent[];
  readonly damagedCount: number;
  /** What else is wrong with the file, a sentence each; at most 100. */
  readonly structure: readonly string[];
  /** Position of the first event of the first commit that is not as it was chained. */
  readonly chain: 'ok' | { readonly brokenAt: number };
  readonly blobs: BlobReport;
}

export interface DamagedEvent {
  readonly position: number;
  readonly why: string;
}

/** Blobs that events name, as `<tenant>/sha256:<hex>`. */
export interface BlobReport {
  readonly checked: number;
  readonly damaged: readonly string[];
  readonly missing: readonly string[];
}

/** How far a walk over the log is. */
export interface Progress {
  readonly position: number;
  readonly head: number;
}

/** Sentences about the file, up to a bound: a file that is all wrong is not listed byte by byte. */
export function createFindings(most: number): { readonly list: string[]; add(text: string): void } {
  const list: string[] = [];
  return {
    list,
    add(text) {
      if (list.length < most && !list.includes(text)) list.push(text);
      else if (list.length === most) list.push('there is more');
    },
  };
}
