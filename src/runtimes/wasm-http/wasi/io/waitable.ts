/**
 * Something a guest can wait for. Level-triggered, as WASI asks: `ready` looks at the state of this moment and may turn
 * false again; a guest may keep one pollable for the whole life of a stream.
 */
export interface Waitable {
  ready(): boolean;
  /** `wake` is called, maybe more than once and maybe in vain, when `ready` should be asked again. */
  watch(wake: () => void): void;
  unwatch(wake: () => void): void;
}

/** Those who wait for one thing. */
export class Watchers {
  readonly #wakes = new Set<() => void>();

  get size(): number {
    return this.#wakes.size;
  }

  add(wake: () => void): void {
    this.#wakes.add(wake);
  }

  delete(wake: () => void): void {
    this.#wakes.delete(wake);
  }

  wakeAll(): void {
    for (const wake of [...this.#wakes]) wake();
  }
}

/** What is always ready. */
export const READY: Waitable = { ready: () => true, watch: () => {}, unwatch: () => {} };
