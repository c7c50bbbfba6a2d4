/** Numbers that look drawn and are the same at every run (mulberry32). */
export interface Random {
  /** At least 0, below 1. */
  unit(): number;
  /** Integer, both ends included. */
  between(low: number, high: number): number;
  pick<T>(from: readonly T[]): T;
  /** True once in `n` times. */
  onceIn(n: number): boolean;
  hex(digits: number): string;
}

export function seededRandom(seed: number): Random {
  let state = seed | 0;
  const unit = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(unit() * (high - low + 1));
  return {
    unit,
    between,
    pick: (from) => from[between(0, from.length - 1)]!,
    onceIn: (n) => unit() * n < 1,
    hex(digits) {
      let text = '';
      while (text.length < digits) text += between(0, 0xffffffff).toString(16).padStart(8, '0');
      return text.slice(0, digits);
    },
  };
}
