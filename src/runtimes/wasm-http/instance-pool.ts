import { SmallSet } from '../../kit/index.ts';
import type { Instance } from './instance.ts';
import { MemoryBudget } from './memory-budget.ts';

/** Instances at once, at most. */
const MAX_INSTANCES = 16;
/** Requests that wait for an instance, at most. */
const MAX_WAITING = 512;
/** Requests after which an instance is replaced: what its guest and its glue gather over time goes with it. */
const MAX_USES = 50_000;
/** Handles a guest may have kept after its requests before it is taken for leaking. */
const MAX_KEPT_RESOURCES = 500;
/** Share of the memory bound from which an instance is replaced; linear memory never shrinks. */
const MEMORY_FULL = 7 / 8;
/** Milliseconds without a request after which all instances but one are given up. */
const IDLE_MS = 30_000;

export interface PoolOptions {
  readonly create: () => Promise<Instance>;
  /** Bytes of linear memory one instance may grow to. */
  readonly instanceBytes: number;
  /** Bytes of linear memory all instances may hold together. */
  readonly budgetBytes: number;
  /** Collects garbage: dropped instances. */
  readonly collect: () => void;
  /** False: every request gets an instance that no request has used, or that was put back to how it was before. */
  readonly reuse: boolean;
}

/** Who waits for an instance. */
interface Waiting {
  readonly resolve: (instance: Instance) => void;
  readonly reject: (reason: unknown) => void;
}

/** The instances of one app: made on demand, lent to one request at a time, replaced when they are worn. */
export class InstancePool {
  readonly #options: PoolOptions;
  readonly #idle: Instance[] = [];
  readonly #waiting = new Set<Waiting>();
  readonly #busy = new SmallSet<Instance>();
  readonly #memory: MemoryBudget<Instance>;
  #creating = 0;
  #created = 0;
  /** By instances that are no more. */
  #fuelUsed = 0;
  #idleTimer: NodeJS.Timeout | null = null;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#memory = new MemoryBudget({
      instanceBytes: options.instanceBytes,
      totalBytes: options.budgetBytes,
      instances: () => [...this.#idle, ...this.#busy],
      collect: options.collect,
    });
  }

  get figures() {
    return {
      instances: this.#idle.length + this.#busy.size,
      instances_busy: this.#busy.size,
      instances_created: this.#created,
      requests_waiting: this.#waiting.size,
      memory_bytes: this.#memory.usedBytes,
      fuel_used: [...this.#idle, ...this.#busy].reduce(
        (sum, instance) => sum + instance.fuelUsed(),
        this.#fuelUsed,
      ),
    };
  }

  /** Makes the first instance, so that a component that cannot start is known at once. */
  async warm(): Promise<void> {
    this.#idle.push(await this.#create());
  }

  /** Makes an instance if there is none. @throws when that cannot be done */
  async ensureOne(): Promise<void> {
    if (this.#idle.length + this.#busy.size + this.#creating === 0) this.#lend(await this.#create());
  }

  /** An idle instance, without waiting; null when there is none. */
  takeIdle(): Instance | null {
    const instance = this.#idle.pop();
    if (instance === undefined) return null;
    this.#busy.add(instance);
    return instance;
  }

  /**
   * An instance, made or waited for; null when too many wait already.
   *
   * @param signal aborted: the wait is given up and rejects
   * @throws when an instance cannot be made and none is at work that could be waited for
   */
  take(signal: AbortSignal): Promise<Instance> | null {
    if (this.#mayGrow()) return this.#grow(signal);
    return this.#waiting.size >= MAX_WAITING ? null : this.#wait(signal);
  }

  /** To be asked before a guest runs: null when it may, else a promise after which to ask again. */
  admit(instance: Instance): Promise<void> | null {
    return this.#memory.admit(instance);
  }

  /** Gives an instance back; one that is worn, or belongs to one request and cannot be put back, is dropped. */
  giveBack(instance: Instance): void {
    if (!this.#busy.delete(instance)) return; // was discarded while its guest still ran
    if (!this.#isWorn(instance) && (this.#options.reuse || instance.restore())) {
      this.#memory.rest(instance);
      this.#lend(instance);
    } else {
      this.#drop(instance);
      this.#makeForWaiting();
    }
    this.#watchIdleness();
  }

  /** Drops an instance whose guest has trapped or is to be forgotten. */
  discard(instance: Instance): void {
    if (!this.#busy.delete(instance)) return;
    this.#drop(instance);
    this.#makeForWaiting();
    this.#watchIdleness();
  }

  /** Drops what is idle and turns away those who wait. */
  close(reason: unknown): void {
    for (const instance of this.#idle.splice(0)) instance.guest.leave();
    for (const waiting of this.#waiting) waiting.reject(reason);
    this.#waiting.clear();
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
  }

  async #create(): Promise<Instance> {
    this.#creating++;
    try {
      const instance = await this.#options.create();
      this.#created++;
      instance.guest.onTurns({
        beforeWait: () => this.#keepBudget(instance),
        beforeRun: () => this.#memory.admit(instance),
      });
      return instance;
    } finally {
      this.#creating--;
    }
  }

  /** @throws GuestTrap `app_memory` when this guest has taken what was left for all */
  #keepBudget(instance: Instance): void {
    if (!this.#memory.leave(instance)) return;
    this.#dropIdle(0);
    if (!this.#memory.leave(instance)) return;
    this.discard(instance); // now, so that the next guest to run does not count on its memory
    const budgetMib = Math.floor(this.#options.budgetBytes / 2 ** 20);
    throw instance.guest.trap('app_memory', `more than ${budgetMib} MiB in all its instances`);
  }

  #drop(instance: Instance): void {
    instance.guest.leave();
    this.#fuelUsed += instance.fuelUsed();
    this.#memory.drop(instance);
  }

  #dropIdle(kept: number): void {
    for (const instance of this.#idle.splice(kept)) this.#drop(instance);
  }

  async #grow(signal: AbortSignal): Promise<Instance> {
    try {
      const instance = await this.#create();
      this.#busy.add(instance);
      this.#makeForWaiting(); // what was kept free for this one's start is known now
      return instance;
    } catch (error) {
      const givenBack = this.takeIdle();
      if (givenBack !== null) return givenBack;
      if (this.#busy.size === 0) throw error;
      return this.#wait(signal); // most likely the host's memory is short; those at work will be done some day
    }
  }

  #wait(signal: AbortSignal): Promise<Instance> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { resolve, reject };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', () => {
        if (this.#waiting.delete(waiting)) reject(signal.reason);
      });
    });
  }

  #lend(instance: Instance): void {
    const next = this.#nextWaiting();
    if (next === null) {
      this.#idle.push(instance);
      return;
    }
    this.#busy.add(instance);
    next.resolve(instance);
  }

  #makeForWaiting(): void {
    if (!this.#mayGrow()) return;
    const next = this.#nextWaiting();
    if (next === null) return;
    this.#create().then(
      (instance) => {
        this.#busy.add(instance);
        next.resolve(instance);
        this.#makeForWaiting();
      },
      (error: unknown) => next.reject(error),
    );
  }

  #nextWaiting(): Waiting | null {
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting);
      return waiting;
    }
    return null;
  }

  #mayGrow(): boolean {
    const count = this.#idle.length + this.#busy.size + this.#creating;
    if (count === 0) return true;
    return count < MAX_INSTANCES && this.#memory.hasRoomForNew(this.#creating + 1);
  }

  #isWorn(instance: Instance): boolean {
    return (
      instance.uses >= MAX_USES ||
      instance.guest.resources > MAX_KEPT_RESOURCES ||
      instance.memoryBytes() >= this.#options.instanceBytes * MEMORY_FULL
    );
  }

  #watchIdleness(): void {
    if (this.#idleTimer !== null) {
      this.#idleTimer.refresh();
      return;
    }
    this.#idleTimer = setTimeout(() => {
      this.#dropIdle(1);
      void this.#memory.collect();
    }, IDLE_MS).unref();
  }
}
