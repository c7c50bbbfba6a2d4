import { type Logger, messageOf } from '../kit/index.ts';
import type { LogStore, StoredEvent } from '../log/index.ts';
import { applyEvent, emptyOffice, type OfficeState } from '../state/index.ts';

/** Called after an event has been folded; must not throw. */
export type EventListener = (event: StoredEvent) => void;

/** The office's state, kept up to date by a subscription to the log. */
export interface LiveState {
  /** The state as of now; the same object for ever, so read it where it is used. */
  readonly office: OfficeState;
  /** Resolves once the state holds the event at this position. */
  reached(position: number): Promise<void>;
  /**
   * Resolves once the state holds all that the log held when asked. Whoever was told of an event by the log itself
   * (a supervisor by its stream) asks through this, or may be answered from before that event and wait for ever.
   */
  current(): Promise<void>;
  /**
   * Resolves with true once the condition holds, looked at after each event; with false when the signal aborts.
   */
  until(condition: () => boolean, signal: AbortSignal): Promise<boolean>;
  /** @returns takes the listener off again */
  onEvent(listener: EventListener): () => void;
  close(): Promise<void>;
}

/**
 * Folds the log from its beginning and goes on with what is appended.
 *
 * @param first listeners that hear of every event, the first included
 * @throws TabbifyError `event_too_new`, or what the log says when it cannot be read
 */
export async function followState(
  log: LogStore,
  logger: Logger,
  first: readonly EventListener[] = [],
): Promise<LiveState> {
  const office = emptyOffice();
  const listeners = new Set<EventListener>(first);
  const ended = new AbortController();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {}); // whoever waits is told; nobody may be waiting

  async function follow(): Promise<void> {
    try {
      for await (const event of log.subscribe({ after: 0 }, ended.signal)) {
        applyEvent(office, event);
        for (const listener of [...listeners]) listener(event);
      }
    } catch (error) {
      if (ended.signal.aborted) return;
      logger.fatal({ err: error, position: office.position }, 'the state no longer follows the log');
      failure.reject(error);
    }
  }

  function until(condition: () => boolean, signal: AbortSignal): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    if (signal.aborted) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const look = () => {
      if (condition()) resolve(true);
    };
    const give = () => resolve(false);
    listeners.add(look);
    signal.addEventListener('abort', give);
    return Promise.race([promise, failure.promise]).finally(() => {
      listeners.delete(look);
      signal.removeEventListener('abort', give);
    });
  }

  const reached = async (position: number) => {
    await until(() => office.position >= position, ended.signal);
  };

  const head = await log.head();
  const following = follow();
  await reached(head);
  logger.debug({ position: office.position }, 'state is up to date');
  return {
    office,
    reached,
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
