import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, messageOf, TabbifyError } from '../../kit/index.ts';
import type { StoredEvent } from '../envelope.ts';
import { logClosed } from '../errors.ts';
import { passesFilter } from '../filter.ts';
import { eventDamaged } from '../gaps.ts';
import type { Gap, SubscribeQuery } from '../log-store.ts';
import { createBackoff } from './backoff.ts';
import type { Delivery } from './event-stream.ts';

/** A connection that lived this long was a good one: the next pause is short again. */
const GOOD_CONNECTION_MS = 5_000;

/**
 * A subscription that outlives its connections: each begins at the cursor of the last event that was taken, or behind
 * the gap that was told.
 *
 * @param connect opens one connection that delivers what comes after the cursor
 * @param closed aborts when the log is closed
 * @throws TabbifyError what the server refused with (below 500), `log_unavailable` when the log is closed,
 *   `event_damaged` when nobody wants to be told of gaps
 */
export async function* followRemote(
  connect: (after: number, signal: AbortSignal) => AsyncIterable<Delivery>,
  { onGap, after: first, ...filter }: SubscribeQuery,
  signal: AbortSignal,
  closed: AbortSignal,
  logger: Logger,
): AsyncGenerator<StoredEvent, void, undefined> {
  const backoff = createBackoff();
  const ended = AbortSignal.any([signal, closed]);
  let after = first;
  while (!ended.aborted) {
    const since = performance.now();
    try {
      for await (const delivery of connect(after, ended)) {
        if (ended.aborted) break;
        backoff.reset();
        if (delivery.kind === 'cut') {
          logger.warn({ after, why: delivery.why }, 'the stream of events was cut off; it is opened again');
        } else if (delivery.kind === 'gap') {
          after = passOver(delivery.gap, after, onGap);
        } else if (delivery.event.position > after) {
          after = delivery.event.position;
          if (passesFilter(filter, delivery.event)) yield delivery.event; // offices are not asked for by the address
        }
      }
    } catch (error) {
      if (!ended.aborted) {
        if (error instanceof TabbifyError && isAnswer(error)) throw error;
        logger.warn({ after, why: messageOf(error) }, 'the stream of events broke; it is opened again');
      }
    }
    if (ended.aborted) break;
    if (performance.now() - since > GOOD_CONNECTION_MS) backoff.reset();
    await delay(backoff.nextMs(), undefined, { signal: ended }).catch(() => {}); // ended: the loop sees it
  }
  if (!signal.aborted) throw logClosed();
}

/** Tells of a gap, and answers the cursor behind it. */
function passOver(gap: Gap, after: number, onGap: SubscribeQuery['onGap']): number {
  if (gap.kind === 'damaged' && onGap === undefined) throw eventDamaged(gap.positions[0] ?? after + 1);
  onGap?.(gap);
  return Math.max(after, gap.kind === 'erased' ? gap.through : (gap.positions.at(-1) ?? after));
}

/** Trying again would end the same way. */
function isAnswer(error: TabbifyError): boolean {
  return error.status < 500 || error.code === 'event_damaged';
}
