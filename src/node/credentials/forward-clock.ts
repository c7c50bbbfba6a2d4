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
 * not come to life again with it, however many events were said since with the time of that clock.
 */
export async function forwardClock(clock: Clock, log: Pick<LogStore, 'read'>): Promise<ForwardClock> {
  let latest = await takenInUntil(log, clock.now());
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

/** The latest time that can be asked for, ms. */
const END_OF_TIME = Date.UTC(9999, 11, 31);

/**
 * When the log took its last event in, to the second, if that is later than now: its own clock never went back. The log
 * tells by what it took in `since` a time, which is halved until it is found; with a clock that is right, that is once.
 */
async function takenInUntil(log: Pick<LogStore, 'read'>, now: number): Promise<number> {
  const hasTakenIn = async (since: number) => {
    const { events, damaged } = await log.read({ since: new Date(since).toISOString(), limit: 1 });
    return events.length + damaged.length > 0;
  };
  if (now >= END_OF_TIME || !(await hasTakenIn(now))) return now;
  let taken = now;
  let none = END_OF_TIME;
  while (none - taken > 1_000) {
    const middle = Math.floor((taken + none) / 2);
    if (await hasTakenIn(middle)) taken = middle;
    else none = middle;
  }
  return taken;
}
