/** Requests under way. */
export interface Load {
  open: number;
}

/** What can be chosen, each under the name of its place. */
interface Choosable {
  readonly place: string;
  readonly load: Load;
}

/** Where the next request goes. Asked on every request: choosing allocates nothing. */
export interface Choice<T extends Choosable> {
  /** The one with the fewest requests under way, those with equally few in turn; null: there is none. */
  next(): T | null;
  has(place: string): boolean;
  /** Adds it, or takes the place of the one of the same name. */
  put(one: T): void;
  /** @returns false when there is none of that name */
  remove(place: string): boolean;
  clear(): void;
}

export function createChoice<T extends Choosable>(): Choice<T> {
  const all: T[] = [];
  let turn = 0;
  const indexOf = (place: string) => all.findIndex((one) => one.place === place);
  return {
    next() {
      const [only] = all;
      if (all.length < 2) return only ?? null;
      let chosen: T | null = null;
      let at = turn;
      for (let step = 0; step < all.length; step++) {
        const index = (turn + step) % all.length;
        const one = all[index] as T;
        if (chosen !== null && one.load.open >= chosen.load.open) continue;
        chosen = one;
        at = index;
      }
      turn = (at + 1) % all.length;
      return chosen;
    },
    has: (place) => indexOf(place) >= 0,
    put(one) {
      const index = indexOf(one.place);
      if (index < 0) all.push(one);
      else all[index] = one;
    },
    remove(place) {
      const index = indexOf(place);
      if (index >= 0) all.splice(index, 1);
      return index >= 0;
    },
    clear() {
      all.length = 0;
    },
  };
}
