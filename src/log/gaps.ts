import type { StoredEvent } from './envelope.ts';
import { logError } from './errors.ts';
import type { EventPage, Gap } from './log-store.ts';

/** Damaged positions told in one gap at most. */
const TOLD_AT_ONCE = 1000;

/** What a subscription passes over on its way through pages, told before the next event or at the head. */
export interface Gaps {
  /**
   * The events of a page that are to be delivered.
   *
   * @throws TabbifyError `event_damaged`, after the events before it, when nobody wants to be told of gaps
   */
  passOver(page: EventPage): Generator<StoredEvent, void, undefined>;
  /** Tells of what was passed over since the last time. */
  tell(): void;
}

/** @param onGap of the subscription; without it erased events are passed over in silence */
export function createGaps(onGap: ((gap: Gap) => void) | undefined): Gaps {
  let erased = 0;
  let through = 0;
  let damaged: number[] = [];

  const tell = () => {
    if (erased > 0) onGap?.({ kind: 'erased', count: erased, through });
    erased = 0;
    if (damaged.length > 0) onGap?.({ kind: 'damaged', positions: damaged });
    damaged = [];
  };
  const meet = (position: number) => {
    if (onGap === undefined) throw eventDamaged(position);
    damaged.push(position);
    if (damaged.length === TOLD_AT_ONCE) tell();
  };
  return {
    tell,
    *passOver({ events, damaged: positions }) {
      let met = 0;
      const meetBefore = (position: number) => {
        for (let next = positions[met]; next !== undefined && next < position; next = positions[met]) {
          met++;
          meet(next);
        }
      };
      for (const event of events) {
        meetBefore(event.position);
        if (event.erased !== undefined) {
          erased++;
          through = event.position;
          continue;
        }
        tell();
        yield event;
      }
      meetBefore(Number.POSITIVE_INFINITY);
    },
  };
}

/** What a subscription ends with at an event that cannot be read any more, when nobody wants to be told of gaps. */
export function eventDamaged(position: number) {
  return logError('event_damaged', {
    what: `The event at position ${position} cannot be read`,
    why: 'the disk changed it after it was written',
    hint: `Run \`tabbify doctor --verify\`, or go on after position ${position}`,
  });
}
