import type { DeniedHost } from './protocol.ts';

/** Entries that are kept; an app that invents hosts is to fill neither the memory nor the office's log. */
const MAX_ENTRIES = 50;
/** Characters of one; a name of the DNS with scheme and port has fewer. */
const MAX_LENGTH = 300;

/** Counts what an app was denied. */
export interface DeniedHosts {
  /** @param entry of `http_allow_list` that would have let it through */
  readonly count: (entry: string) => void;
  /** Those that were denied first; later ones are not told. */
  readonly list: () => readonly DeniedHost[];
}

export function countDenials(): DeniedHosts {
  const times = new Map<string, number>();
  return {
    count(entry) {
      if (entry.length > MAX_LENGTH) return;
      const before = times.get(entry);
      if (before !== undefined || times.size < MAX_ENTRIES) times.set(entry, (before ?? 0) + 1);
    },
    list: () => [...times].map(([entry, count]) => ({ entry, times: count })),
  };
}
