import type { StoredEvent } from './envelope.ts';
import { passesFilter } from './filter.ts';
import type { EventFilter } from './log-store.ts';
import { createWindow, type Window } from './window.ts';

/** The readers of one filter: each event is matched once for all of them. */
export interface TailGroup {
  readonly filter: EventFilter;
  /** What passed the filter, of the events that the tail holds. */
  readonly events: Window<StoredEvent>;
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
  add(event: StoredEvent): TailGroup[];
  /** The event, the oldest of all, has left the tail. */
  drop(event: StoredEvent): void;
  /**
   * The group of a filter, made when there is none yet.
   *
   * @param after what stands after this position is wanted; at most the head
   * @param held what the tail holds after that position
   * @returns null when the group that is there begins later
   */
  enter(filter: EventFilter, after: number, held: Iterable<StoredEvent>): TailGroup | null;
  /** One reader less; a group without readers is given up. */
  leave(group: TailGroup): void;
}

export function createTailGroups(): TailGroups {
  const shelves = new Map<string, Map<string, Kept>>();

  /** The groups that an event may concern. */
  function* among({ subject, segment }: StoredEvent): Generator<Kept> {
    yield* shelves.get(ANY)?.values() ?? [];
    yield* shelves.get(ofSubject(subject))?.values() ?? [];
    yield* shelves.get(ofSegment(segment))?.values() ?? [];
  }
  return {
    add(event) {
      const passed: TailGroup[] = [];
      for (const group of among(event)) {
        if (!passesFilter(group.filter, event)) continue;
        group.events.push(event);
        passed.push(group);
      }
      return passed;
    },
    drop(event) {
      for (const { events } of among(event)) {
        if (events.at(events.start) === event) events.shift();
      }
    },
    enter(filter, after, held) {
      const key = keyOf(filter);
      const shelf = shelfOf(filter);
      const siblings = shelves.get(shelf) ?? new Map<string, Kept>();
      let group = siblings.get(key);
      if (group === undefined) {
        group = createGroup(key, filter, after);
        for (const event of held) if (passesFilter(filter, event)) group.events.push(event);
        siblings.set(key, group);
        shelves.set(shelf, siblings);
      }
      if (after < group.since) return null;
      group.readers++;
      return group;
    },
    leave(group) {
      const shelf = shelfOf(group.filter);
      const siblings = shelves.get(shelf);
      const kept = siblings?.get(keyOf(group.filter));
      if (siblings === undefined || kept === undefined || kept !== group) return;
      if (--kept.readers > 0) return;
      siblings.delete(kept.key);
      if (siblings.size === 0) shelves.delete(shelf);
    },
  };
}

/** Groups stand by what they ask for, so that a reader of one app or one host costs nothing when another is concerned. */
const ANY = '';
const ofSubject = (subject: string) => `subject ${subject}`;
const ofSegment = (segment: string) => `segment ${segment}`;

function shelfOf({ subject, segments }: EventFilter): string {
  if (subject !== undefined) return ofSubject(subject);
  const [only] = segments ?? [];
  return segments?.length === 1 && only !== undefined && !only.includes('*') ? ofSegment(only) : ANY;
}

function createGroup(key: string, filter: EventFilter, since: number): Kept {
  const events = createWindow<StoredEvent>(0);
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
