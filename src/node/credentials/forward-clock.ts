import type { Clock } from '../../kit/index.ts';
import type { LogStore, StoredEvent } from '../../log/index.ts';

/** A clock that never goes back: not while it runs, and not behind what the log has seen. */
export interface ForwardClock extends Clock {
  /** An event of the log: it is at least as late as that. */
  note(event: Pick<StoredEvent, 'time'>): void;
}

/** Newest events that are looked at in the beginning: their times need not be in order. */
const LOOK_BACK = 100;

/**
 * Judges expiry. The system's clock may be set back, by a person or at boot without a battery; what has expired must
 * not come to life again with it.
 */
export async function forwardClock(clock: Clock, log: Pick<LogStore, 'read'>): Promise<ForwardClock> {
  let latest = Number.NEGATIVE_INFINITY;
  const note = ({ time }: Pick<StoredEvent, 'time'>) => {
    const at = Date.parse(time);
    if (at > latest) latest = at; // never for NaN
  };
  const { events } = await log.read({ order: 'newest', limit: LOOK_BACK });
  events.forEach(note);
  return {
    now() {
      latest = Math.max(latest, clock.now());
      return latest;
    },
    note,
  };
}
