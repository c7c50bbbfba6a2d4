/** A queue whose entries keep their number when those before them leave. */
export interface Window<Entry> {
  /** Number of the oldest entry; equal to `end` when there is none. */
  readonly start: number;
  /** Number that the next entry gets. */
  readonly end: number;
  /** Undefined for a number that has left or is yet to come. */
  at(number: number): Entry | undefined;
  push(entry: Entry): void;
  /** Takes the oldest entry off. */
  shift(): Entry | undefined;
}

/** Freed places at the front before the rest is moved up: rarely, and never more than half of the array. */
const COMPACT = 256;

/** @param start number of the first entry */
export function createWindow<Entry>(start: number): Window<Entry> {
  let entries: (Entry | undefined)[] = [];
  let freed = 0;
  let offset = start; // number of entries[0]
  return {
    get start() {
      return offset + freed;
    },
    get end() {
      return offset + entries.length;
    },
    at: (number) => entries[number - offset],
    push(entry) {
      entries.push(entry);
    },
    shift() {
      if (freed === entries.length) return undefined;
      const entry = entries[freed];
      entries[freed] = undefined;
      freed++;
      if (freed >= COMPACT && freed * 2 >= entries.length) {
        entries = entries.slice(freed);
        offset += freed;
        freed = 0;
      }
      return entry;
    },
  };
}
