import { Pool } from 'undici';
import { reachOf } from '../../kit/index.ts';
import type { AppPlaces, EdgeEndpoint } from './app-directory.ts';
import { type Choice, createChoice, type Load } from './choice.ts';

/** An app's endpoint at one of its places, together with the connections kept to it. */
export interface Upstream {
  readonly place: string;
  readonly endpoint: EdgeEndpoint;
  readonly pool: Pool;
  /** Counted by whoever sends a request. */
  readonly load: Load;
}

/** One of an app's places. */
interface Place {
  /** The newest answer. Kept when it is only suspected, so that the same answer finds its connections again. */
  last: Upstream | null;
  /** Grows with each invalidation and suspicion: an answer that was asked for before one is not remembered. */
  epoch: number;
  /** When `last` was asked for: answers may overtake each other. */
  lastEpoch: number;
  /** The answer that was suspected last: each is asked for anew once. */
  doubted: Upstream | null;
  /** It could not be reached: until then others are asked first (milliseconds). */
  passedOverUntil: number;
}

interface Slot {
  /** What new requests use; empty: ask first. */
  readonly ready: Choice<Upstream>;
  /** By name, as they were when last asked for. */
  readonly places: Map<string, Place>;
  /** The answer that is on its way, asked for since the app moved last; null: none that a request of now may share. */
  waking: Promise<Upstream> | null;
  /** When places that are missing from `ready` are asked again, beside the requests; infinite: none is missing. */
  lookAt: number;
}

/** Endpoints of apps, remembered until something says that they have moved. */
export interface Upstreams {
  /** Of the remembered endpoints the one with the fewest requests under way, without waiting. */
  current(app: string): Upstream | null;
  /** Asks where it answers, starting the app if need be; requests that ask at the same time share one wake. */
  acquire(app: string): Promise<Upstream>;
  /**
   * A connection to this endpoint failed: it is asked for again, once, unless it was replaced meanwhile.
   *
   * @param isGone nothing listens there: other places are asked first for a while
   */
  suspect(app: string, upstream: Upstream, isGone: boolean): void;
  /** How many places there are to try. */
  places(app: string): number;
  /** The app was started, stopped or moved. */
  invalidate(app: string): void;
  close(): Promise<void>;
}

/** Longest silence before an app's response head (milliseconds), as nginx and undici have it by default or longer. */
const HEAD_TIMEOUT_MS = 300_000;
/** How long a place that cannot be reached is passed over: a visitor in so many pays for looking at it again. */
const PASS_OVER_MS = 5_000;

/** @param now milliseconds, from any beginning */
export function createUpstreams(places: AppPlaces, now: () => number = () => performance.now()): Upstreams {
  const slots = new Map<string, Slot>();

  function slotOf(app: string): Slot {
    let slot = slots.get(app);
    if (slot === undefined) {
      slot = { ready: createChoice(), places: new Map(), waking: null, lookAt: Number.POSITIVE_INFINITY };
      slots.set(app, slot);
    }
    return slot;
  }

  /**
   * The first answer of the places that are awake; only if none of them gives one are the others asked, one after the other,
   * so that one visitor does not start the app everywhere. What the other awake ones answer later is for later requests.
   */
  async function ask(app: string, slot: Slot): Promise<Upstream> {
    const known = placesOf(app, slot);
    const [first] = known;
    if (first === undefined) throw places.nowhere(app);
    const errors = new Map<string, unknown>();
    const attempt = async ({ name, place }: KnownPlace) => {
      try {
        return await reach(app, slot, name, place);
      } catch (error) {
        errors.set(name, error);
        throw error;
      }
    };
    const begun = now();
    const isPassedOver = ({ place }: KnownPlace) => place.passedOverUntil > begun;
    const others = known.filter((each) => !isPassedOver(each));
    const answer = await Promise.any(others.filter(({ awake }) => awake).map(attempt)).catch(() => null);
    if (answer !== null) return answer;
    for (const each of [...others.filter(({ awake }) => !awake), ...known.filter(isPassedOver)]) {
      const upstream = await attempt(each).catch(() => null);
      if (upstream !== null) return upstream;
    }
    throw errors.get(first.name);
  }

  /** Where it is now; connections to where it is no more are let go. */
  function placesOf(app: string, slot: Slot): KnownPlace[] {
    const names = places.of(app);
    for (const [name, { last }] of slot.places) {
      if (names.some((each) => each.name === name)) continue;
      slot.places.delete(name);
      slot.ready.remove(name);
      if (last !== null) retire(last.pool);
    }
    return names.map(({ name, awake }) => {
      const place = slot.places.get(name) ?? newPlace();
      slot.places.set(name, place);
      return { name, awake, place };
    });
  }

  async function reach(app: string, slot: Slot, name: string, place: Place): Promise<Upstream> {
    const { epoch } = place;
    try {
      const endpoint = await places.wake(app, name);
      // Who asked before the app moved may be answered by either; the newer answer is the better one.
      if (place.last !== null && place.lastEpoch > epoch) return place.last;
      const upstream = upstreamFor(name, endpoint, place.last);
      if (place.last !== null && place.last.pool !== upstream.pool) retire(place.last.pool);
      place.last = upstream;
      place.lastEpoch = epoch;
      if (place.epoch === epoch && slot.places.get(name) === place) {
        place.passedOverUntil = 0;
        slot.ready.put(upstream);
      }
      return upstream;
    } catch (error) {
      if (place.epoch === epoch) passOver(slot, place);
      throw error;
    }
  }

  function passOver(slot: Slot, place: Place): void {
    place.passedOverUntil = now() + PASS_OVER_MS;
    slot.lookAt = Math.min(slot.lookAt, place.passedOverUntil);
  }

  /** Asks awake places that are missing whether they are back; the requests go on at the others meanwhile. */
  function lookAgain(app: string, slot: Slot): void {
    slot.lookAt = Number.POSITIVE_INFINITY;
    for (const { name, awake, place } of placesOf(app, slot)) {
      if (!awake || slot.ready.has(name)) continue;
      if (place.passedOverUntil > now()) slot.lookAt = Math.min(slot.lookAt, place.passedOverUntil);
      else reach(app, slot, name, place).catch(() => {}); // passed over once more
    }
  }

  return {
    current(app) {
      const slot = slots.get(app);
      if (slot === undefined) return null;
      const upstream = slot.ready.next();
      if (upstream !== null && slot.lookAt !== Number.POSITIVE_INFINITY && slot.lookAt <= now()) {
        lookAgain(app, slot);
      }
      return upstream;
    },
    acquire(app) {
      const slot = slotOf(app);
      const upstream = slot.ready.next();
      if (upstream !== null) return Promise.resolve(upstream);
      if (slot.waking !== null) return slot.waking;
      const waking = ask(app, slot).finally(() => {
        if (slot.waking === waking) slot.waking = null;
      });
      slot.waking = waking;
      return waking;
    },
    suspect(app, upstream, isGone) {
      const slot = slots.get(app);
      const place = slot?.places.get(upstream.place);
      if (slot === undefined || place?.last?.pool !== upstream.pool) return; // replaced meanwhile
      if (place.doubted === place.last) return; // many connections broke at once
      place.doubted = place.last;
      place.epoch += 1;
      slot.waking = null;
      slot.ready.remove(upstream.place);
      if (isGone) passOver(slot, place);
      else slot.lookAt = now();
    },
    places: (app) => slots.get(app)?.places.size ?? 1,
    invalidate(app) {
      const slot = slots.get(app);
      if (slot === undefined) return;
      // what is asked for from now on is asked for anew: not even an answer that is on its way will do
      for (const place of slot.places.values()) {
        place.epoch += 1;
        place.passedOverUntil = 0;
      }
      slot.ready.clear();
      slot.waking = null;
      slot.lookAt = Number.POSITIVE_INFINITY;
    },
    async close() {
      const pools = [...slots.values()].flatMap(({ places }) =>
        [...places.values()].flatMap(({ last }) => (last === null ? [] : [last.pool])),
      );
      slots.clear();
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

/** A place together with what is remembered of it. */
interface KnownPlace {
  readonly name: string;
  readonly awake: boolean;
  readonly place: Place;
}

function newPlace(): Place {
  return { last: null, epoch: 0, lastEpoch: 0, doubted: null, passedOverUntil: 0 };
}

function upstreamFor(place: string, endpoint: EdgeEndpoint, before: Upstream | null): Upstream {
  if (before?.endpoint.endpoint === endpoint.endpoint) {
    return { place, endpoint, pool: before.pool, load: before.load };
  }
  const { origin, ...through } = reachOf(endpoint.endpoint);
  const pool = new Pool(origin, {
    ...through,
    connections: null,
    pipelining: 1,
    allowH2: false,
    connectTimeout: 5_000,
    headersTimeout: HEAD_TIMEOUT_MS,
    bodyTimeout: 0, // an event stream may be silent for as long as it likes
    keepAliveTimeout: 4_000,
  });
  return { place, endpoint, pool, load: { open: 0 } };
}

/** Lets running requests finish; nothing new is sent there. */
function retire(pool: Pool): void {
  pool.close().catch(() => {}); // only "already closed" can be said here
}
