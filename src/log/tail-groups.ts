import { passesFilter } from './filter.ts';
import type { HeldEvent } from './held-event.ts';
import type { EventFilter } from './log-store.ts';
import { createWindow, type Window } from './window.ts';

/** The readers of one filter: each event is matched once for all of them. */
export interface TailGroup {
  readonly filter: EventFilter;
  /** What passed the filter, of the events that the tail holds. */
  readonly events: Window<HeldEvent>;
  /** Number of the first event that stands after a position. */
  firstAfter(position: number): number;
  /** Wake the readers that wait. */
  readonly sleeping: Set<() => void>;
}

interface Kept extends TailGroup {
  readonly key: string;
  /** `events` lacks nothing after this position. */
  readonly since: number;
  readers: number;
}

export interface TailGroups {
  /** Gives the event to the groups whose filter it passes, and answers which. */
  add(event: HeldEvent): TailGroup[];
  /** The event, the oldest of all, has left the tail. */
  drop(event: HeldEvent): void;
  /**
   * The group of a filter, made when there is none yet.
   *
   * @param after what stands after this position is wanted; at most the head
   * @param held what the tail holds after that position
   * @returns null when the group that is there begins later
   */
  enter(filter: EventFilter, after: number, held: Iterable<HeldEvent>): TailGroup | null;
  /** One reader less; a group without readers is given up. */
  leave(group: TailGroup): void;
}

/**
 * Groups by the key of their filter. They stand by what they ask for, so that a reader of one app or one host costs
 * nothing when another is concerned.
 */
type Shelf = Map<string, Kept>;

export function createTailGroups(): TailGroups {
  const any = new Map<string, Shelf>();
  const bySubject = new Map<string, Shelf>();
  const bySegment = new Map<string, Shelf>();

  /** Goes through the groups that an event may concern. */
  function among({ subject, segment }: HeldEvent, look: (group: Kept) => void): void {
    any.get('')?.forEach(look);
    bySubject.get(subject)?.forEach(look);
    bySegment.get(segment)?.forEach(look);
  }
  /** Where a filter's group stands: the shelves of its kind, and its name among them. */
  function placeOf({ subject, segments }: EventFilter): readonly [Map<string, Shelf>, string] {
    if (subject !== undefined) return [bySubject, subject];
    const [only] = segments ?? [];
    const exact = segments?.length === 1 && only !== undefined && !only.includes('*');
    return exact ? [bySegment, only] : [any, ''];
  }
  return {
    add(event) {
      const passed: TailGroup[] = [];
      among(event, (group) => {
        if (!passesFilter(group.filter, event)) return;
        group.events.push(event);
        passed.push(group);
      });
      return passed;
    },
    drop(event) {
      among(event, ({ events }) => {
        if (events.at(events.start) === event) events.shift();
      });
    },
    enter(filter, after, held) {
      const key = keyOf(filter);
      const [shelves, name] = placeOf(filter);
      const shelf: Shelf = shelves.get(name) ?? new Map();
      let group = shelf.get(key);
      if (group === undefined) {
        group = createGroup(key, filter, after);
        for (const event of held) if (passesFilter(filter, event)) group.events.push(event);
        shelf.set(key, group);
        shelves.set(name, shelf);
      }
      if (after < group.since) return null;
      group.readers++;
      return group;
    },
    leave(group) {
      const [shelves, name] = placeOf(group.filter);
      const shelf = shelves.get(name);
      const kept = shelf?.get(keyOf(group.filter));
      if (shelf === undefined || kept === undefined || kept !== group) return;
      if (--kept.readers > 0) return;
      shelf.delete(kept.key);
      if (shelf.size === 0) shelves.delete(name);
    },
  };
}

function createGroup(key: string, filter: EventFilter, since: number): Kept {
  const events = createWindow<HeldEvent>(0);
  return {
    key,
    filter,
    since,
    events,
    sleeping: new Set(),
    readers: 0,
    firstAfter(position) {
      let first = events.end;
      while (first > events.start && (events.at(first - 1)?.position ?? 0) > position) first--;
      return first;
    },
  };
}

/** Equal filters have equal keys; the order within a list makes another group, which costs a match and nothing else. */
function keyOf({ segments, types, subject, actor, tenants, class: kept }: EventFilter): string {
  return JSON.stringify([segments, types, subject, actor, tenants, kept]);
}
