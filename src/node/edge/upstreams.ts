import { Pool } from 'undici';
import { reachOf } from '../../kit/index.ts';
import type { EdgeEndpoint } from './app-directory.ts';

/** An app's endpoint together with the connections kept to it. */
export interface Upstream {
  readonly endpoint: EdgeEndpoint;
  readonly pool: Pool;
}

interface Slot {
  /** What new requests use; null: ask first. */
  current: Upstream | null;
  /** The newest answer. Kept when it is only suspected, so that the same answer finds its connections again. */
  last: Upstream | null;
  /** Grows with each invalidation and suspicion: an answer that was asked for before one is not remembered. */
  epoch: number;
  /** When `last` was asked for: answers may overtake each other. */
  lastEpoch: number;
  /** The answer that is on its way, asked for in this epoch; null: none that a request of now may share. */
  waking: Promise<Upstream> | null;
  /** The answer that was suspected last: each is asked for anew once. */
  doubted: Upstream | null;
}

/** Endpoints of apps, remembered until something says that they have moved. */
export interface Upstreams {
  /** The remembered endpoint, without waiting. */
  current(app: string): Upstream | null;
  /** Asks for the endpoint, starting the app if need be; requests that ask at the same time share one wake. */
  acquire(app: string): Promise<Upstream>;
  /** A connection to this endpoint failed: it is asked for again, once, unless it was replaced meanwhile. */
  suspect(app: string, upstream: Upstream): void;
  /** The app was started, stopped or moved. */
  invalidate(app: string): void;
  close(): Promise<void>;
}

/** Longest silence before an app's response head (milliseconds), as nginx and undici have it by default or longer. */
const HEAD_TIMEOUT_MS = 300_000;

/** @param wake resolves with the endpoint once the app serves; rejects with what the visitor shall be told */
export function createUpstreams(wake: (app: string) => Promise<EdgeEndpoint>): Upstreams {
  const slots = new Map<string, Slot>();

  function slotOf(app: string): Slot {
    let slot = slots.get(app);
    if (slot === undefined) {
      slot = { current: null, last: null, epoch: 0, lastEpoch: 0, waking: null, doubted: null };
      slots.set(app, slot);
    }
    return slot;
  }

  async function ask(app: string, slot: Slot): Promise<Upstream> {
    const { epoch } = slot;
    try {
      const endpoint = await wake(app);
      // Who asked before the app moved may be answered by either; the newer answer is the better one.
      if (slot.last !== null && slot.lastEpoch > epoch) return slot.last;
      const upstream = upstreamFor(endpoint, slot.last);
      if (slot.last !== null && slot.last.pool !== upstream.pool) retire(slot.last.pool);
      slot.last = upstream;
      slot.lastEpoch = epoch;
      if (slot.epoch === epoch) slot.current = upstream;
      return upstream;
    } finally {
      if (slot.epoch === epoch) slot.waking = null;
    }
  }

  /** What is asked for from now on must be asked for anew: not even an answer that is on its way will do. */
  function begin(slot: Slot): void {
    slot.current = null;
    slot.waking = null;
    slot.epoch += 1;
  }

  return {
    current: (app) => slots.get(app)?.current ?? null,
    acquire(app) {
      const slot = slotOf(app);
      if (slot.current !== null) return Promise.resolve(slot.current);
      slot.waking ??= ask(app, slot);
      return slot.waking;
    },
    suspect(app, upstream) {
      const slot = slots.get(app);
      if (slot === undefined || slot.last?.pool !== upstream.pool) return; // replaced meanwhile
      if (slot.doubted === slot.last) return; // many connections broke at once
      slot.doubted = slot.last;
      begin(slot);
    },
    invalidate(app) {
      const slot = slots.get(app);
      if (slot !== undefined) begin(slot);
    },
    async close() {
      const pools = [...slots.values()].flatMap((slot) => (slot.last === null ? [] : [slot.last.pool]));
      slots.clear();
      await Promise.all(pools.map((pool) => pool.destroy()));
    },
  };
}

function upstreamFor(endpoint: EdgeEndpoint, last: Upstream | null): Upstream {
  if (last !== null && last.endpoint.endpoint === endpoint.endpoint) return { endpoint, pool: last.pool };
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
  return { endpoint, pool };
}

/** Lets running requests finish; nothing new is sent there. */
function retire(pool: Pool): void {
  pool.close().catch(() => {}); // only "already closed" can be said here
}
