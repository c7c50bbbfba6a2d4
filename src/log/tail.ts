import type { StoredEvent } from './envelope.ts';
import { type Appended, HeldEvent } from './held-event.ts';
import type { EventFilter } from './log-store.ts';
import { createTailGroups, type TailGroup } from './tail-groups.ts';
import { createWindow } from './window.ts';

/**
 * The last events of the log in memory, shared by every reader that has caught up: what is appended is matched once
 * per distinct filter and handed out as one object, without a page read or a parse per reader.
 */
export interface Tail {
  /** Position of the last event that was published. */
  readonly head: number;
  /** How many readers wait now. */
  readonly waiting: number;
  /** Tells of durable events, in order and without a gap. */
  publish(events: readonly Appended[]): void;
  /** Bodies up to this position may have changed in the store (they were erased): whoever wants them reads pages. */
  forget(through: number): void;
  /**
   * Begins to read what passes the filter after a position; null when the tail does not reach back so far: the reader
   * takes pages first.
   */
  join(filter: EventFilter, after: number): TailReader | null;
  close(): void;
}

export interface TailReader {
  /** Everything that passes the filter up to here was taken. */
  readonly position: number;
  /** The next event that is there; null when there is none now. */
  take(): StoredEvent | null;
  /** Fell behind: the next event has left the tail, it has to be read from pages after `position`. */
  readonly behind: boolean;
  /**
   * Calls back, once, when there may be something to take or to see: an event, the tail closed, `wake` called. At most
   * one waits.
   */
  onArrival(callback: () => void): void;
  /** Calls back who waits, now. */
  wake(): void;
  readonly closed: boolean;
  leave(): void;
}

export interface TailBounds {
  /** Events the tail holds at most; default 4096. */
  readonly events: number;
  /** Characters of JSON it holds at most; default 4 Mi. */
  readonly size: number;
  /**
   * Milliseconds in which a reader who keeps up has taken an event, default 20: objects that live no longer cost the
   * collector little. Who comes later has it made anew from its text.
   */
  readonly freshMs: number;
}

/** Readers woken in one turn of the event loop: more would hold it for as long as all of them work. */
const WOKEN_A_TURN = 128;

/** @param start position of the last event in the store when it was opened */
export function createTail(
  start: number,
  bounds: TailBounds = { events: 4096, size: 4 * 1024 * 1024, freshMs: 20 },
): Tail {
  const ring = createWindow<HeldEvent>(start + 1); // an entry's number is its position
  const groups = createTailGroups();
  /** Readers that wait, and those that are to be woken in the next turns. */
  const sleeping = new Set<() => void>();
  let rousing: (() => void)[] = [];
  let size = 0;
  let forgotten = 0;
  let closed = false;

  /** Position of the first event whose object may still be there. */
  let fresh = start + 1;

  function* heldAfter(after: number): Generator<HeldEvent> {
    for (let position = after + 1; position < ring.end; position++) {
      const held = ring.at(position);
      if (held !== undefined) yield held;
    }
  }
  const drop = () => {
    const oldest = ring.shift();
    if (oldest === undefined) return;
    size -= oldest.size;
    groups.drop(oldest);
  };
  const letGoOfOld = (now: number) => {
    fresh = Math.max(fresh, ring.start);
    for (
      let held = ring.at(fresh);
      held !== undefined && now - held.at > bounds.freshMs;
      held = ring.at(fresh)
    ) {
      held.letGo();
      fresh++;
    }
  };
  const rouse = () => {
    const now = rousing;
    rousing = now.length > WOKEN_A_TURN ? now.splice(WOKEN_A_TURN) : [];
    for (const wake of now) wake();
    if (rousing.length > 0) setImmediate(rouse);
  };

  return {
    get head() {
      return ring.end - 1;
    },
    get waiting() {
      return sleeping.size;
    },
    publish(events) {
      const touched = new Set<TailGroup>();
      const now = Math.trunc(performance.now());
      for (const appended of events) {
        const held = new HeldEvent(appended, now);
        ring.push(held);
        size += held.size;
        for (const group of groups.add(held)) touched.add(group);
        while (ring.end - ring.start > bounds.events || size > bounds.size) drop();
        if (held.position <= forgotten) drop(); // its body went before it was told of
      }
      letGoOfOld(now);
      const idle = rousing.length === 0;
      for (const group of touched) {
        for (const wake of group.sleeping) rousing.push(wake);
        group.sleeping.clear();
      }
      if (idle && rousing.length > 0) rouse();
    },
    forget(through) {
      forgotten = Math.max(forgotten, through);
      while (ring.start <= through && ring.start < ring.end) drop();
    },
    join(filter, after) {
      if (after + 1 < ring.start) return null;
      const from = Math.min(after, ring.end - 1);
      const group = groups.enter(filter, from, heldAfter(from));
      if (group === null) return null;
      let next = group.firstAfter(after);
      let position = after;
      let arrived: (() => void) | null = null;
      const wake = () => {
        sleeping.delete(wake);
        group.sleeping.delete(wake);
        const callback = arrived;
        arrived = null;
        callback?.();
      };
      return {
        get position() {
          return position;
        },
        get behind() {
          return next < group.events.start;
        },
        get closed() {
          return closed;
        },
        take() {
          while (next >= group.events.start) {
            const held = group.events.at(next);
            if (held === undefined) {
              position = Math.max(position, ring.end - 1);
              return null;
            }
            next++;
            if (held.position <= position) continue; // a cursor beyond the head asked for what comes after it
            position = held.position;
            return held.take();
          }
          return null;
        },
        onArrival(callback) {
          arrived = callback;
          sleeping.add(wake);
          group.sleeping.add(wake);
        },
        wake,
        leave() {
          wake();
          groups.leave(group);
        },
      };
    },
    close() {
      closed = true;
      for (const wake of [...sleeping]) wake();
    },
  };
}
