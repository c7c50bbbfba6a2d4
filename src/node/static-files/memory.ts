/** Bytes by name, up to so many in all; what was not asked for the longest goes first. */
export interface Memory {
  get(key: string): Buffer | undefined;
  set(key: string, bytes: Buffer): void;
  /** Bytes it holds. */
  readonly held: number;
}

/** @param most bytes; one that is larger by itself is not kept */
export function createMemory(most: number): Memory {
  const kept = new Map<string, Buffer>(); // in the order of their last use
  let held = 0;
  return {
    get held() {
      return held;
    },
    get(key) {
      const bytes = kept.get(key);
      if (bytes === undefined) return undefined;
      kept.delete(key);
      kept.set(key, bytes);
      return bytes;
    },
    set(key, bytes) {
      held += bytes.length - (kept.get(key)?.length ?? 0);
      kept.delete(key);
      kept.set(key, bytes);
      for (const [oldest, { length }] of kept) {
        if (held <= most) return;
        kept.delete(oldest);
        held -= length;
      }
    },
  };
}
