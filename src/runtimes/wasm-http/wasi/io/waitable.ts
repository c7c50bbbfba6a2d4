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

/** Those who wait for one thing, which mostly is nobody or one. */
export class Watchers {
  #first: (() => void) | null = null;
  #others: Set<() => void> | null = null;

  get size(): number {
    return (this.#first === null ? 0 : 1) + (this.#others?.size ?? 0);
  }

  add(wake: () => void): void {
    if (this.#first === wake || this.#others?.has(wake)) return;
    if (this.#first === null) {
      this.#first = wake;
      return;
    }
    this.#others ??= new Set();
    this.#others.add(wake);
  }

  delete(wake: () => void): void {
    if (this.#first === wake) this.#first = null;
    else this.#others?.delete(wake);
  }

  wakeAll(): void {
    const others = this.#others === null ? [] : [...this.#others]; // whoever wakes may leave
    this.#first?.();
    for (const wake of others) wake();
  }
}

/** What is always ready. */
export const READY: Waitable = { ready: () => true, watch: () => {}, unwatch: () => {} };
