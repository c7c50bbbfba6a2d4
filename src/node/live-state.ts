import { type Logger, messageOf } from '../kit/index.ts';
import { type Gap, type KeptLog, type LogStore, logError, type StoredEvent } from '../log/index.ts';
import { applyEvent, emptyOffice, type OfficeState } from '../state/index.ts';
import { officePages } from './office-pages.ts';

/** Called after an event has been folded; must not throw. */
export type EventListener = (event: StoredEvent) => void;

/** The office's state, kept up to date by a subscription to the log. */
export interface LiveState {
  /** The state as of now; the same object for ever, so read it where it is used. */
  readonly office: OfficeState;
  /** Resolves once the state holds the event at this position. */
  reached(position: number): Promise<void>;
  /** The same; nothing when it holds it already, and one promise for all who ask for the same position in a row. */
  holding(position: number): Promise<void> | undefined;
  /**
   * Resolves once the state holds all that the log held when asked. Whoever was told of an event by the log itself
   * (a supervisor by its stream) asks through this, or may be answered from before that event and wait for ever.
   */
  current(): Promise<void>;
  /**
   * Resolves with true once the condition holds, looked at after each event; with false when the signal aborts.
   */
  until(condition: () => boolean, signal: AbortSignal): Promise<boolean>;
  /** Of every event that is appended from now on, of class traffic too. @returns takes the listener off again */
  onEvent(listener: EventListener): () => void;
  close(): Promise<void>;
}

/** Somebody who waits for the state to move on. */
interface Waiter {
  readonly look: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Folds the log and goes on with what is appended.
 *
 * @param office where to begin: a state from a snapshot; it is owned by the fold from now on
 * @throws TabbifyError `event_too_new`; `event_damaged` naming the positions when events that make the state cannot be
 *   read; or what the log says when it cannot be read at all
 */
export async function followState(
  log: Pick<KeptLog, 'read' | 'head' | 'watch'>,
  logger: Logger,
  office: OfficeState = emptyOffice(),
): Promise<LiveState> {
  const listeners = new Set<EventListener>();
  const waiting = new Set<Waiter>();
  const ended = new AbortController();
  let failure: { readonly error: unknown } | null = null;
  const moved = () => {
    for (const { look } of [...waiting]) look();
  };

  async function follow(): Promise<void> {
    const passedOver = (gap: Gap) => {
      const through = gap.kind === 'erased' ? gap.through : Math.max(0, ...gap.positions);
      if (gap.kind === 'damaged') sayDamaged(logger, gap.positions);
      office.position = Math.max(office.position, through);
      moved();
    };
    const query = { after: office.position, onGap: passedOver };
    const over = Promise.withResolvers<void>();
    const fold = () => {
      try {
        for (let event = watch.take(); event !== null; event = watch.take()) {
          applyEvent(office, event);
          for (const listener of [...listeners]) listener(event);
          moved();
        }
        if (watch.ended?.error) throw watch.ended.error;
      } catch (error) {
        watch.close();
        over.reject(error);
      }
      if (watch.ended !== null) over.resolve();
    };
    const watch = log.watch(query, ended.signal, () => fold());
    fold();
    try {
      await over.promise;
    } catch (error) {
      if (ended.signal.aborted) return;
      logger.fatal({ err: error, position: office.position }, 'the state no longer follows the log');
      failure = { error };
      for (const { fail } of [...waiting]) fail(error);
    }
  }

  function until(condition: () => boolean, signal: AbortSignal): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    if (signal.aborted) return Promise.resolve(false);
    if (failure !== null) return Promise.reject(failure.error);
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiter: Waiter = {
      look() {
        if (condition()) resolve(true);
      },
      fail: reject,
    };
    const give = () => resolve(false);
    waiting.add(waiter);
    signal.addEventListener('abort', give);
    return promise.finally(() => {
      waiting.delete(waiter);
      signal.removeEventListener('abort', give);
    });
  }

  const reached = async (position: number) => {
    await until(() => office.position >= position, ended.signal);
  };

  let asked = { position: -1, reached: Promise.resolve() };
  const holding = (position: number) => {
    if (office.position >= position) return undefined;
    if (asked.position !== position) asked = { position, reached: reached(position) };
    return asked.reached;
  };

  await foldLog(log, office, refuseDamaged);
  logger.debug({ position: office.position }, 'state is up to date');
  const following = follow();
  return {
    office,
    reached,
    holding,
    current: async () => reached(await log.head()),
    until,
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      ended.abort();
      await following.catch((error: unknown) => logger.warn({ why: messageOf(error) }, 'state ended badly'));
    },
  };
}

/**
 * Folds what the log holds.
 *
 * @param office where to begin
 * @param damaged told of positions whose events are missing from the state
 */
export async function foldLog(
  log: Pick<LogStore, 'read'>,
  office: OfficeState = emptyOffice(),
  damaged: (positions: readonly number[]) => void = () => {},
): Promise<OfficeState> {
  for await (const page of officePages(log, office.position)) {
    damaged(page.damaged);
    for (const event of page.events) applyEvent(office, event);
    // what stands between was no matter of the fold
    if (page.next === null) office.position = Math.max(office.position, page.head);
  }
  return office;
}

/** Without one of its events the state would be another: what was revoked or stopped might be there again. */
function refuseDamaged(positions: readonly number[]): void {
  if (positions.length === 0) return;
  const named = positions.slice(0, 20).join(', ');
  throw logError('event_damaged', {
    what: `The office cannot start: ${positions.length === 1 ? 'an event' : 'events'} of its log cannot be read`,
    why: `the disk changed what was written at position ${named}${positions.length > 20 ? ' …' : ''}`,
    hint: 'See what is damaged with `tabbify doctor --verify`, and put it back from a copy with `tabbify doctor --repair <copy>`',
  });
}

/** A running office goes on: it cannot be mended from here, and its next start looks again. */
function sayDamaged(logger: Logger, positions: readonly number[]): void {
  if (positions.length === 0) return;
  logger.error({ positions }, 'events are damaged on disk and missing from the state; see `tabbify doctor`');
}
