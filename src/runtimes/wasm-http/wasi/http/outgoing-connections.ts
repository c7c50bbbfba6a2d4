import type { Duplex } from 'node:stream';
import { type AppChannel, secureStream } from '../../../../egress/index.ts';
import type { OutgoingTarget } from './outgoing-target.ts';

/** A connection that a request goes over. */
export interface OutgoingConnection {
  readonly stream: Duplex;
  /** Another request went over it before: its far end may have left meanwhile. */
  readonly isReused: boolean;
  /** It is free again: whoever comes next may have it. @param seconds that the far end promises to keep it; null: it does not say */
  release(seconds: number | null): void;
}

/** Milliseconds that a free connection is kept; servers mostly leave after 5 s. */
const IDLE_MS = 4_000;
/** Before a far end leaves that has said when it will. */
const MARGIN_MS = 1_000;
/** Free connections of an app together. */
const MAX_FREE = 64;

/**
 * The connections of a component's requests, kept for the next one to the same scheme, host and port. All go through the app's channel, and
 * what that ends is gone from here as well.
 */
export class OutgoingConnections {
  readonly #channel: AppChannel;
  /** By scheme, host and port; in each the one that was used last is at the end. */
  readonly #free = new Map<string, FreeStream[]>();
  #count = 0;

  constructor(channel: AppChannel) {
    this.#channel = channel;
  }

  /**
   * @param signal gives it up while it is being made
   * @param mustBeNew one that was kept has turned out to be dead
   * @throws as `AppChannel.dial`, and what is wrong with the other end's TLS
   */
  async take(target: OutgoingTarget, signal: AbortSignal, mustBeNew: boolean): Promise<OutgoingConnection> {
    const key = `${target.isTls} ${target.host} ${target.port}`;
    const free = mustBeNew ? undefined : this.#free.get(key)?.at(-1);
    free?.letGo();
    const stream = free?.stream ?? (await this.#connect(target, signal));
    return {
      stream,
      isReused: free !== undefined,
      release: (seconds) => this.#keep(key, stream, seconds),
    };
  }

  /** Ends those that are free. */
  close(): void {
    for (const streams of this.#free.values()) for (const { stream } of [...streams]) stream.destroy();
  }

  async #connect({ host, port, isTls }: OutgoingTarget, given: AbortSignal): Promise<Duplex> {
    const making = new AbortController(); // whoever asked for it does not have it for ever
    const leave = (): void => making.abort(given.reason);
    given.addEventListener('abort', leave, { once: true });
    if (given.aborted) leave();
    try {
      const { signal } = making;
      const stream = await this.#channel.dial({ host, port }, signal);
      return isTls ? await secureStream(stream, host, { signal }) : stream;
    } finally {
      given.removeEventListener('abort', leave);
    }
  }

  #keep(key: string, stream: Duplex, seconds: number | null): void {
    const ms = seconds === null ? IDLE_MS : Math.min(IDLE_MS, seconds * 1_000 - MARGIN_MS);
    if (stream.destroyed || !stream.writable || stream.readableEnded || ms <= 0 || this.#count >= MAX_FREE) {
      stream.destroy();
      return;
    }
    const streams = this.#free.get(key) ?? [];
    this.#free.set(key, streams);
    const leave = (): void => void stream.destroy();
    const timer = setTimeout(leave, ms).unref();
    const letGo = (): void => {
      clearTimeout(timer);
      stream.off('data', leave).off('end', leave).off('close', letGo);
      streams.splice(streams.indexOf(free), 1);
      if (streams.length === 0) this.#free.delete(key);
      this.#count--;
    };
    const free = { stream, letGo };
    streams.push(free);
    this.#count++;
    // Nobody has asked anything: what comes now is no answer.
    stream.on('data', leave).on('end', leave).on('close', letGo);
  }
}

interface FreeStream {
  readonly stream: Duplex;
  /** It is not free any more. */
  readonly letGo: () => void;
}
