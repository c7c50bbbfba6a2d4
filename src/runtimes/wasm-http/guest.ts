import { SmallSet } from '../../kit/index.ts';
import { GuestTrap, type TrapReason } from './guest-trap.ts';
import type { Waitable } from './wasi/io/waitable.ts';

/** Fuel that one call into the host is worth: some microseconds, the time of about as many guest instructions. */
const FUEL_PER_HOST_CALL = 5000;
/** Handles one instance may hold at once. */
const MAX_RESOURCES = 10_000;
/** Bytes of header fields and unsent bodies the host keeps for one instance. */
const MAX_HELD_BYTES = 16 << 20;
/** Suspending calls of one request after which the event loop gets a turn: a guest that only waits for what is ready must not starve it. */
const CALLS_PER_TURN = 64;

/** Milliseconds for what a guest has begun elsewhere, after the end of the request in which it did so. */
const LEFT_OVER_MS = 5_000;

/** What happens around the times a guest runs. */
export interface Turns {
  /** Others get their turn; may end the guest by throwing its trap. */
  beforeWait(): void;
  /** Null when it may go on, else a promise after which to ask again. */
  beforeRun(): Promise<void> | null;
}

/**
 * The host's view of one instance: counts what the guest takes from the host, and is the one place where it waits,
 * so that a wait can be ended from outside.
 */
export class Guest {
  readonly #callLimit: number;
  /** An app is being loaded: what a component cannot call while it is made is not there yet. */
  isLoading = false;
  #calls = 0;
  #suspendingCalls = 0;
  #resources = 0;
  #heldBytes = 0;
  #interruption: GuestTrap | null = null;
  #endWait: ((trap: GuestTrap) => void) | null = null;
  #onTrap: ((trap: GuestTrap) => void) | null = null;
  #turns: Turns | null = null;
  /** What is to be broken off when the guest is no more. */
  readonly #tasks = new SmallSet<() => void>();
  /** What is to be let go of then; the guest may keep it as long as it likes. */
  readonly #belongings = new Set<() => void>();
  #isGone = false;

  /** @param fuelPerRequest the bound of the manifest; host calls are bounded to the same amount of fuel */
  constructor(fuelPerRequest: number) {
    this.#callLimit = Math.ceil(fuelPerRequest / FUEL_PER_HOST_CALL);
  }

  /** It holds no handle, and nothing goes on in the host for it. */
  get isAtRest(): boolean {
    return this.#resources === 0 && this.#tasks.size === 0;
  }

  /** Handles the guest has not dropped. */
  get resources(): number {
    return this.#resources;
  }

  /**
   * Runs one request in the guest. Rejects as soon as the guest is to be ended by the host: the glue passes an error on only
   * from imports that do not suspend, and leaves the guest hanging for ever after one from those that do.
   */
  run(handle: () => Promise<void>): Promise<void> {
    this.#calls = 0;
    this.#suspendingCalls = 0;
    return new Promise((resolve, reject) => {
      this.#onTrap = reject;
      handle().then(resolve, reject);
    });
  }

  /** Who is to be told when this guest and others take turns. */
  onTurns(turns: Turns): void {
    this.#turns = turns;
  }

  /** Ends the guest. @returns the error that the import is to throw */
  trap(reason: TrapReason, message: string): GuestTrap {
    const trap = new GuestTrap(reason, message);
    this.#onTrap?.(trap);
    return trap;
  }

  /** @throws GuestTrap `host_calls` */
  countCall(): void {
    if (++this.#calls > this.#callLimit && !this.isLoading) {
      throw this.trap('host_calls', `more than ${this.#callLimit} calls into the host`);
    }
  }

  /** @throws GuestTrap `host_memory` */
  holdResource(): void {
    if (++this.#resources > MAX_RESOURCES) {
      throw this.trap('host_memory', `more than ${MAX_RESOURCES} handles held at once`);
    }
  }

  releaseResource(): void {
    this.#resources--;
  }

  /** @throws GuestTrap `host_memory` */
  holdBytes(count: number): void {
    this.#heldBytes += count;
    if (this.#heldBytes > MAX_HELD_BYTES) {
      throw this.trap('host_memory', `more than ${MAX_HELD_BYTES} bytes of headers and unsent bodies`);
    }
  }

  releaseBytes(count: number): void {
    this.#heldBytes -= count;
  }

  /**
   * Suspends the guest until one of the sources is ready.
   *
   * @throws GuestTrap `interrupted`, `host_calls`, and what `beforeWait` throws
   */
  async untilReady(sources: readonly Waitable[]): Promise<void> {
    this.countCall();
    let isOthersTurn = ++this.#suspendingCalls % CALLS_PER_TURN === 0;
    for (;;) {
      if (this.#interruption !== null) throw this.#interruption;
      if (!isOthersTurn && sources.some(isReady)) return;
      this.#turns?.beforeWait();
      await (isOthersTurn ? nextTurn() : this.#oneWake(sources));
      for (let room = this.#turns?.beforeRun(); room; room = this.#turns?.beforeRun()) await room;
      isOthersTurn = false;
    }
  }

  /** Ends the guest's present wait and every later one with a trap. A guest that is computing is left to its fuel. */
  interrupt(message: string): void {
    this.#interruption ??= this.trap('interrupted', message);
    this.#endWait?.(this.#interruption);
  }

  /** Registers what goes on in the host for this guest; called back when the guest is no more, at once if it is so already. */
  beginTask(breakOff: () => void): void {
    if (this.#isGone) breakOff();
    else this.#tasks.add(breakOff);
  }

  /** It has ended by itself. */
  endTask(breakOff: () => void): void {
    this.#tasks.delete(breakOff);
  }

  /** Registers what is let go of when the guest is no more, at once if it is so already. */
  keep(letGo: () => void): void {
    if (this.#isGone) letGo();
    else this.#belongings.add(letGo);
  }

  /** It has been let go of. */
  unkeep(letGo: () => void): void {
    this.#belongings.delete(letGo);
  }

  /**
   * The visitor's request is over. What the guest has begun elsewhere and not let go of gets a little time to arrive: engines of
   * guests keep what their program has given up, and nobody would end it.
   */
  endRequest(): void {
    if (this.#tasks.size === 0) return;
    const left = [...this.#tasks];
    const endLeft = (): void => {
      for (const breakOff of left) if (this.#tasks.has(breakOff)) breakOff();
    };
    setTimeout(endLeft, LEFT_OVER_MS).unref();
  }

  /** The guest will not run again: what goes on for it is broken off. */
  leave(): void {
    this.#isGone = true;
    for (const breakOff of [...this.#tasks]) breakOff();
    this.#tasks.clear();
    for (const letGo of [...this.#belongings]) letGo();
    this.#belongings.clear();
  }

  #oneWake(sources: readonly Waitable[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = (): void => {
        if (this.#endWait === end) this.#endWait = null;
        for (const source of sources) source.unwatch(wake);
      };
      const wake = (): void => {
        over();
        resolve();
      };
      const end = (trap: GuestTrap): void => {
        over();
        reject(trap);
      };
      this.#endWait = end;
      for (const source of sources) source.watch(wake);
    });
  }
}

function isReady(source: Waitable): boolean {
  return source.ready();
}

function nextTurn(): Promise<void> {
  return new Promise((turn) => setImmediate(turn));
}
