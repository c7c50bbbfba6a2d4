import { SmallSet } from '../../kit/index.ts';

/** What the budget needs to know of an instance. */
interface Holder {
  /** Linear memory at this moment. */
  memoryBytes(): number;
}

export interface MemoryBudgetOptions<Instance extends Holder> {
  /** Bytes one instance may grow to. */
  readonly instanceBytes: number;
  /** Bytes all instances may hold together; at least `instanceBytes`. */
  readonly totalBytes: number;
  /** Those that are there. */
  readonly instances: () => Iterable<Instance>;
  /** Gives back the memory of instances that were dropped; the engine itself does not count it and may never look. */
  readonly collect: () => void;
}

/**
 * Turns of the event loop after which nothing that ran a dropped guest is on any stack or in any queue; measured, 3 were enough.
 */
const TURNS_UNTIL_UNREACHABLE = 5;

/**
 * Keeps all instances of an app within one amount of memory. A guest grows while it runs, and nobody can hold it up there; so
 * it is asked for here before it runs whether its full growth fits beside the others, and afterwards what it has come to.
 * In use is at worst about one instance's bound more than the total, and as much again that is just being given back.
 */
export class MemoryBudget<Instance extends Holder> {
  readonly #options: MemoryBudgetOptions<Instance>;
  readonly #running = new SmallSet<Instance>();
  /** Bytes of instances that were dropped and not given back yet. */
  #droppedBytes = 0;
  #collecting: Promise<void> | null = null;
  #release: PromiseWithResolvers<void> | null = null;

  constructor(options: MemoryBudgetOptions<Instance>) {
    this.#options = options;
  }

  get usedBytes(): number {
    let bytes = 0;
    for (const instance of this.#options.instances()) bytes += instance.memoryBytes();
    return bytes;
  }

  /** May this many more be made, whatever they grow to? */
  hasRoomForNew(count: number): boolean {
    return this.usedBytes + count * this.#options.instanceBytes <= this.#options.totalBytes;
  }

  /** Before a guest runs: null when it may, else a promise after which to ask again. */
  admit(instance: Instance): Promise<void> | null {
    if (this.#running.has(instance)) return null;
    if (!this.#mayRun(instance)) return this.#droppedBytes > 0 ? this.collect() : this.#nextRelease();
    this.#running.add(instance);
    return null;
  }

  /** A guest waits, and others get their turn. @returns whether all hold more than they may, for which it is to blame */
  leave(instance: Instance): boolean {
    this.#ranUntilNow(instance);
    return this.usedBytes > this.#options.totalBytes;
  }

  /** An instance is given up; its memory counts until it is collected. */
  drop(instance: Instance): void {
    this.#droppedBytes += instance.memoryBytes();
    this.#ranUntilNow(instance);
  }

  /** A guest has come to its end, and its instance is kept. */
  rest(instance: Instance): void {
    this.#ranUntilNow(instance);
  }

  /** Gives back what was dropped. */
  collect(): Promise<void> {
    this.#collecting ??= this.#collectSoon();
    return this.#collecting;
  }

  #mayRun(instance: Instance): boolean {
    const { instanceBytes, totalBytes } = this.#options;
    if (this.#running.size === 0 && this.#droppedBytes === 0) return true; // somebody has to, or nobody ever would
    let growth = instanceBytes - instance.memoryBytes();
    for (const other of this.#running) growth += instanceBytes - other.memoryBytes();
    return this.usedBytes + this.#droppedBytes + growth <= totalBytes;
  }

  #ranUntilNow(instance: Instance): void {
    if (!this.#running.delete(instance)) return;
    this.#release?.resolve();
    this.#release = null;
  }

  #nextRelease(): Promise<void> {
    this.#release ??= Promise.withResolvers<void>();
    return this.#release.promise;
  }

  async #collectSoon(): Promise<void> {
    for (let turn = 0; turn < TURNS_UNTIL_UNREACHABLE; turn++) await nextTurn();
    if (this.#droppedBytes > 0) {
      this.#droppedBytes = 0;
      this.#options.collect();
      await nextTurn(); // the engine lets go of linear memory in a task after the collection
    }
    this.#collecting = null;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((turn) => setImmediate(turn));
}
