import type { StoredEvent } from '../envelope.ts';
import { logError } from '../errors.ts';
import type { Gap, KeptLog, SubscribeQuery } from '../log-store.ts';
import type { Watch } from '../watch.ts';
import type { Opened, Opener } from './opened-events.ts';

/**
 * A watch that hands out sealed events opened. Those whose key was destroyed join the erased ones that the log passes
 * over.
 */
export function watchOpened(
  log: Pick<KeptLog, 'watch'>,
  open: Opener,
  query: SubscribeQuery,
  signal: AbortSignal,
  arrived: () => void,
): Watch {
  const { onGap } = query;
  const gaps = onGap === undefined ? null : createGaps(onGap);
  const sealed = log.watch(gaps === null ? query : { ...query, onGap: gaps.note }, signal, arrived);
  let opened: Opened | null = null;
  let opening = false;
  let failed: { readonly error: unknown } | null = null;

  const fail = (error: unknown) => {
    failed = { error };
    sealed.close();
  };
  const openLater = async (event: StoredEvent) => {
    opening = true;
    try {
      opened = await open.later(event);
    } catch (error) {
      fail(error);
    }
    opening = false;
    arrived();
  };
  /** The event that is told; null for what is passed over. */
  const told = (outcome: Opened): StoredEvent | null => {
    if (outcome.kind === 'event') {
      gaps?.tell();
      return outcome.event;
    }
    if (outcome.kind === 'erased') {
      gaps?.note({ kind: 'erased', count: 1, through: outcome.event.position });
    } else if (gaps === null) fail(damaged(outcome.position, outcome.why));
    else gaps.note({ kind: 'damaged', positions: [outcome.position] });
    return null;
  };
  const take = (): StoredEvent | null => {
    while (failed === null && !opening) {
      let outcome: Opened | null = opened;
      opened = null;
      if (outcome === null) {
        const event = sealed.take();
        if (event === null) return null;
        outcome = open.now(event);
        if (outcome === null) {
          void openLater(event);
          return null;
        }
      }
      const event = told(outcome);
      if (event !== null) return event;
    }
    return null;
  };
  return {
    take,
    get ended() {
      return failed ?? (opening || opened !== null ? null : sealed.ended);
    },
    close: () => sealed.close(),
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
