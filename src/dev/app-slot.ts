import { messageOf, TabbifyError } from '../kit/index.ts';
import type { RunningApp } from '../runtimes/index.ts';
import type { Edition } from './edition.ts';
import { devError } from './errors.ts';

/** Milliseconds that requests under way on a replaced edition get. */
const DRAIN_MS = 5_000;
/** Milliseconds that a request waits for a new edition at most, where the one before could answer. */
const HOLD_MS = 10_000;
/** Milliseconds after a start that failed within which no request starts the app again. */
const QUIET_MS = 1_000;

export interface AppSlotOptions {
  /** Told when the edition that serves has ended by itself. */
  readonly onEnded: (reason: string) => void;
  /** Told when a request could not start it again. */
  readonly onFailed: (error: TabbifyError) => void;
}

/** The edition that answers, and what becomes of requests while there is none or a newer one comes. */
export class AppSlot {
  readonly #options: AppSlotOptions;
  #serving: { readonly edition: Edition; readonly app: RunningApp } | null = null;
  /** It served last, and has ended. */
  #ended: Edition | null = null;
  /** Of a newer edition; requests wait for it. */
  #coming: PromiseWithResolvers<void> | null = null;
  #again: Promise<void> | null = null;
  #failedAt = Number.NEGATIVE_INFINITY;
  /** Why nothing answers, where that is so. */
  #failure: TabbifyError | null = null;
  readonly #leaving = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: AppSlotOptions) {
    this.#options = options;
  }

  /** Does an edition answer, or could it be started again? */
  get isFilled(): boolean {
    return this.#serving !== null || this.#ended !== null;
  }

  /** What is served, or was; null: nothing ever. */
  get digest(): string | null {
    return (this.#serving?.edition ?? this.#ended)?.digest ?? null;
  }

  /** Has the app ended by itself? Then the next save starts it, whatever was saved. */
  get hasEnded(): boolean {
    return this.#ended !== null;
  }

  /** From now on requests wait for a newer edition, until `settle`. */
  hold(): void {
    this.#coming ??= Promise.withResolvers<void>();
  }

  settle(): void {
    this.#coming?.resolve();
    this.#coming = null;
  }

  /** What requests are answered with as long as there is no edition. */
  fail(error: TabbifyError): void {
    this.#failure = error;
  }

  /** Puts an edition that runs into the place of the one before, which finishes what it has begun. */
  swap(edition: Edition, app: RunningApp): void {
    if (this.#isClosed) {
      this.#leave(edition, app, 0);
      return;
    }
    const [before, ended] = [this.#serving, this.#ended];
    this.#serving = { edition, app };
    this.#ended = null;
    this.#failure = null;
    if (before !== null) this.#leave(before.edition, before.app, DRAIN_MS);
    if (ended !== null && ended !== edition) void ended.remove();
    void app.exited.then(({ reason }) => {
      if (this.#serving?.app !== app) return;
      this.#serving = null;
      this.#ended = edition;
      if (!this.#isClosed) this.#options.onEnded(reason);
    });
  }

  /** Waits, as a request does, for a newer edition that is on its way. */
  async ready(): Promise<void> {
    if (this.#coming !== null) await this.#wait(this.#coming.promise);
  }

  /** Who answers a request that has just come. @throws TabbifyError why nobody does */
  async app(): Promise<RunningApp> {
    await this.ready();
    if (this.#serving === null && this.#ended !== null) await this.#startAgain(this.#ended);
    if (this.#serving !== null) return this.#serving.app;
    throw this.#failure ?? notYet();
  }

  /** Ends all of it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.settle();
    const { edition, app } = this.#serving ?? {};
    this.#serving = null;
    if (edition !== undefined && app !== undefined) this.#leave(edition, app, 0);
    await this.#ended?.remove();
    await Promise.all([...this.#leaving, this.#again]);
  }

  async #wait(coming: Promise<void>): Promise<void> {
    if (!this.isFilled) return coming;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, HOLD_MS);
    await Promise.race([coming, late]);
    clearTimeout(timer);
  }

  async #startAgain(edition: Edition): Promise<void> {
    if (performance.now() - this.#failedAt < QUIET_MS || this.#isClosed) return;
    this.#again ??= this.#restart(edition).finally(() => {
      this.#again = null;
    });
    await this.#again;
  }

  /** Never rejects. */
  async #restart(edition: Edition): Promise<void> {
    try {
      const app = await edition.start();
      if (this.#ended === edition) this.swap(edition, app);
      else await app.stop(0); // a newer one came meanwhile, and removed its files
    } catch (error) {
      this.#failedAt = performance.now();
      const failure = asFailure(error);
      this.#failure = failure;
      this.#options.onFailed(failure);
    }
  }

  #leave(edition: Edition, app: RunningApp, graceMs: number): void {
    const left = app
      .stop(this.#isClosed ? 0 : graceMs)
      .then(() => edition.remove())
      .catch(() => {}) // its box is swept by the next start
      .finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }
}

/** Whatever was thrown, for a person. */
export function asFailure(error: unknown): TabbifyError {
  if (error instanceof TabbifyError) return error;
  return devError('dev_not_serving', {
    what: 'The app was not started',
    why: messageOf(error),
    hint: 'Save a file to try again; `tabbify doctor` says what this machine can do.',
    cause: error,
  });
}

function notYet(): TabbifyError {
  return devError('dev_not_serving', {
    what: 'The app does not run',
    why: 'it is not there yet, or has ended',
    hint: 'See the terminal in which `tcli dev` runs, and save a file.',
  });
}
