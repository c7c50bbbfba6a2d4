import { setTimeout as wait } from 'node:timers/promises';
import { type Logger, messageOf, TabbifyError } from '../kit/index.ts';
import type { NodeClient } from './node-client.ts';
import type { DesiredState, Presence } from './protocol.ts';

export interface FollowOptions {
  readonly name: string;
  readonly client: NodeClient;
  readonly presence: Presence;
  /** Takes up what the log says should be; quick: the work itself happens elsewhere. */
  readonly apply: (desired: DesiredState) => Promise<void>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** How often presence is announced while connected (supervisor/protocol.ts). */
const PRESENCE_MS = 30_000;
const FIRST_PAUSE_MS = 200;
/** Short, since a node that comes back knows nobody until they announce themselves. */
const LONGEST_PAUSE_MS = 2_000;

/**
 * Keeps up with the node until the signal aborts: announces itself, lists what should be, then watches; whatever
 * breaks off leads back to the beginning, with growing pauses. List and watch, so that nothing missed is lost.
 *
 * @param onContact called after each list that was taken up
 */
export async function followNode(options: FollowOptions, onContact: () => void): Promise<void> {
  const { logger, signal } = options;
  let pause = FIRST_PAUSE_MS;
  let lastTrouble = '';
  while (!signal.aborted) {
    try {
      await connection(options, () => {
        if (lastTrouble !== '') logger.info('node is back');
        lastTrouble = '';
        pause = FIRST_PAUSE_MS;
        onContact();
      });
    } catch (error) {
      if (signal.aborted) return;
      const trouble = messageOf(error);
      if (trouble !== lastTrouble) {
        const isRefused = error instanceof TabbifyError && error.code === 'node_refused';
        const hint = error instanceof TabbifyError ? error.hint : undefined;
        logger[isRefused ? 'error' : 'warn']({ reason: trouble, hint }, 'node does not answer as it should');
      }
      lastTrouble = trouble;
    }
    await wait(pause, undefined, { signal, ref: false }).catch(() => {});
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
}

async function connection(options: FollowOptions, onContact: () => void): Promise<void> {
  const { client, presence, name } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  await client.announce(presence, signal);
  const list = async (): Promise<number> => {
    const desired = await client.desired(signal);
    await options.apply(desired);
    return desired.position;
  };
  const position = await list();
  onContact();
  // A stream may look open long after the other end is gone; a presence that cannot be told ends it.
  const timer = setInterval(() => {
    client.announce(presence, signal).catch((error: unknown) => broken.abort(error));
  }, PRESENCE_MS).unref();
  try {
    for await (const actor of client.changes(position, signal)) {
      if (actor !== `supervisor:${name}`) await list(); // what we said ourselves changes nothing for us
    }
  } finally {
    clearInterval(timer);
    broken.abort();
  }
}
