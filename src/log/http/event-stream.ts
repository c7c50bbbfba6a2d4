import type { ServerResponse } from 'node:http';
import { type Logger, messageOf, TabbifyError } from '../../kit/index.ts';
import type { StoredEvent } from '../envelope.ts';
import type { KeptLog, LogStore, SubscribeQuery } from '../log-store.ts';
import { type ConnectionBounds, type SseConnection, sseConnection } from './sse-connection.ts';
import { eventFrame, gapFrame } from './sse-frames.ts';
import type { Turns } from './turns.ts';

/** A log that is served over HTTP. */
export type ServedLog = LogStore & Pick<KeptLog, 'watch'>;

export interface EventStreamTools {
  readonly store: ServedLog;
  readonly logger: Logger;
  readonly bounds: ConnectionBounds;
  readonly turns: Turns;
  /** What is waited for before the event at this position is told; nothing: it is told at once. */
  readonly mayTell?: ((position: number) => Promise<void> | undefined) | undefined;
}

/**
 * Sends a subscription to one reader until the reader goes, the log closes or the reader may no longer read. What it
 * does not take stays in the log: at most `bufferedBytes` wait for it, and a reader whose socket takes nothing at all is
 * cut off with its cursor. Its head must not have been sent.
 *
 * @param forbidden aborts when the reader may no longer read: nothing that is not with the socket reaches it any more
 */
export function sendEvents(
  response: ServerResponse,
  query: SubscribeQuery,
  forbidden: AbortSignal | undefined,
  { store, logger, bounds, turns, mayTell }: EventStreamTools,
): void {
  const left = new AbortController();
  response.on('close', () => left.abort());
  const connection = sseConnection(response, query.after, bounds, turns, () => {
    cutOff(`nothing was taken for ${bounds.stalledAfterMs / 1000} s`);
    void tellOfLaggard();
  });
  const cutOff = (why: string) => {
    connection.cut(why);
    left.abort();
  };
  const onForbidden = () => cutOff('the credential has ended');
  const tellOfLaggard = async () => {
    const after = connection.taken;
    const head = await store.head().catch(() => after); // the log closes: nobody lags any more
    logger.warn({ after, behind: head - after }, 'a reader of the events took nothing; it was cut off');
  };
  if (forbidden?.aborted) {
    onForbidden();
    return;
  }
  forbidden?.addEventListener('abort', onForbidden);
  void pump(connection, store, query, left.signal, mayTell)
    .catch((error: unknown) => {
      if (isEndOfLog(error)) return; // the reader comes back with its cursor
      logger.error({ err: error, why: messageOf(error) }, 'a stream of events broke');
    })
    .finally(() => {
      forbidden?.removeEventListener('abort', onForbidden);
      connection.end();
    });
}

/** Hands what is taken to the connection, until nothing comes any more or the signal aborts. */
function pump(
  connection: SseConnection,
  store: ServedLog,
  query: SubscribeQuery,
  signal: AbortSignal,
  mayTell: EventStreamTools['mayTell'],
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let held = false;
  const holdFor = (awaited: Promise<void>, event?: StoredEvent) => {
    held = true;
    awaited.then(() => {
      held = false;
      if (event !== undefined) connection.send(eventFrame(event), event.position);
      pull();
    }, reject);
  };
  const pull = () => {
    while (!held) {
      const event = watch.take();
      if (event === null) break;
      const awaited = mayTell?.(event.position);
      if (awaited !== undefined) return holdFor(awaited, event);
      connection.send(eventFrame(event), event.position);
      if (connection.full) return holdFor(connection.room());
    }
    if (held || watch.ended === null) return;
    if (watch.ended.error === null) resolve();
    else reject(watch.ended.error);
  };
  const watch = store.watch({ ...query, onGap: (gap) => connection.send(gapFrame(gap), 0) }, signal, () =>
    pull(),
  );
  pull();
  return promise;
}

function isEndOfLog(error: unknown): boolean {
  return error instanceof TabbifyError && error.code === 'log_unavailable';
}
