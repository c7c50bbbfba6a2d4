import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, messageOf, TabbifyError } from '../../kit/index.ts';
import type { StoredEvent } from '../envelope.ts';
import { logClosed } from '../errors.ts';
import type { SubscribeQuery } from '../log-store.ts';
import { createBackoff } from './backoff.ts';

/** A connection that lived this long was a good one: the next pause is short again. */
const GOOD_CONNECTION_MS = 5_000;

/**
 * A subscription that outlives its connections: each begins at the cursor of the last event that was taken.
 *
 * @param connect opens one connection that delivers what comes after the cursor
 * @param closed aborts when the log is closed
 * @throws TabbifyError what the server refused with (below 500), `log_unavailable` when the log is closed
 */
export async function* followRemote(
  connect: (query: SubscribeQuery, signal: AbortSignal) => AsyncIterable<StoredEvent>,
  query: SubscribeQuery,
  signal: AbortSignal,
  closed: AbortSignal,
  logger: Logger,
): AsyncGenerator<StoredEvent, void, undefined> {
  const backoff = createBackoff();
  const ended = AbortSignal.any([signal, closed]);
  let after = query.after;
  while (!ended.aborted) {
    const since = performance.now();
    try {
      for await (const event of connect({ ...query, after }, ended)) {
        if (ended.aborted) break;
        if (event.position <= after) continue;
        after = event.position;
        backoff.reset();
        yield event;
      }
    } catch (error) {
      if (!ended.aborted) {
        if (error instanceof TabbifyError && error.status < 500) throw error;
        logger.warn({ after, why: messageOf(error) }, 'the stream of events broke; it is opened again');
      }
    }
    if (ended.aborted) break;
    if (performance.now() - since > GOOD_CONNECTION_MS) backoff.reset();
    await delay(backoff.nextMs(), undefined, { signal: ended }).catch(() => {}); // ended: the loop sees it
  }
  if (!signal.aborted) throw logClosed();
}
