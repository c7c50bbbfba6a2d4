import type { StoredEvent } from '../envelope.ts';
import { logError } from '../errors.ts';
import type { Gap, LogStore, SubscribeQuery } from '../log-store.ts';
import type { Opener } from './opened-events.ts';

/**
 * A subscription that hands out sealed events opened. Those whose key was destroyed join the erased ones that the log
 * passes over.
 */
export function subscribeOpened(
  log: LogStore,
  open: Opener,
  query: SubscribeQuery,
  signal: AbortSignal,
): AsyncIterable<StoredEvent> {
  const { onGap } = query;
  const gaps = onGap === undefined ? null : createGaps(onGap);
  const events = log.subscribe(gaps === null ? query : { ...query, onGap: gaps.note }, signal);
  return {
    [Symbol.asyncIterator]() {
      const inner = events[Symbol.asyncIterator]();
      return {
        async next() {
          while (true) {
            const result = await inner.next();
            if (result.done || result.value.sealedby === undefined) {
              if (!result.done) gaps?.tell();
              return result;
            }
            const outcome = open.now(result.value) ?? (await open.later(result.value));
            if (outcome.kind === 'event') {
              gaps?.tell();
              return { done: false, value: outcome.event };
            }
            const { position } = result.value;
            if (outcome.kind === 'erased') gaps?.note({ kind: 'erased', count: 1, through: position });
            else if (gaps !== null) gaps.note({ kind: 'damaged', positions: [position] });
            else {
              await inner.return?.();
              throw damaged(position, outcome.why);
            }
          }
        },
        async return() {
          await inner.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** Gathers what is passed over until the next event: erased ones next to each other are one gap. */
function createGaps(onGap: (gap: Gap) => void) {
  let waiting: Gap | null = null;
  const tell = () => {
    if (waiting !== null) onGap(waiting);
    waiting = null;
  };
  const note = (gap: Gap) => {
    if (gap.kind === 'erased' && waiting?.kind === 'erased') {
      waiting = { kind: 'erased', count: waiting.count + gap.count, through: gap.through };
      return;
    }
    tell();
    waiting = gap;
  };
  return { note, tell };
}

function damaged(position: number, why: string) {
  return logError('event_damaged', {
    what: `The event at position ${position} cannot be read`,
    why,
    hint: 'Run `tabbify doctor`; put its key back from a backup of the home',
  });
}
