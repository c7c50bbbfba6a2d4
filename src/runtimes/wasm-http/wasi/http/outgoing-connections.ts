import type { Duplex } from 'node:stream';
import { type AppChannel, secureStream } from '../../../../egress/index.ts';
import type { OutgoingTarget } from './outgoing-target.ts';

/** A connection that a request goes over, alone as long as it lasts. */
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
  /** By scheme, host and port; in each the one that was used last is at the end. An empty one mostly is filled again at once. */
  readonly #free = new Map<string, KeptConnection[]>();
  #count = 0;

  constructor(channel: AppChannel) {
    this.#channel = channel;
  }

  /** One that is free; null: there is none. */
  takeFree(target: OutgoingTarget): OutgoingConnection | null {
    return this.#free.get(keyOf(target))?.at(-1)?.take() ?? null;
  }

  /**
   * @param signal gives it up while it is being made
   * @throws as `AppChannel.dial`, and what is wrong with the other end's TLS
   */
  async make(target: OutgoingTarget, signal: AbortSignal): Promise<OutgoingConnection> {
    const { host, port, isTls } = target;
    const key = keyOf(target);
    const making = new AbortController(); // whoever asked for it does not have it for ever
    const leave = (): void => making.abort(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    try {
      const stream = await this.#channel.dial({ host, port }, making.signal);
      const spoken = isTls ? await secureStream(stream, host, { signal: making.signal }) : stream;
      return new KeptConnection(spoken, {
        mayBeFree: () => this.#count < MAX_FREE,
        becomesFree: (connection) => this.#add(key, connection),
        isTaken: (connection) => this.#remove(key, connection),
      });
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Ends those that are free. */
  close(): void {
    for (const free of this.#free.values()) for (const { stream } of [...free]) stream.destroy();
  }

  #add(key: string, connection: KeptConnection): void {
    if (this.#free.size > MAX_FREE) this.#forgetEmpty();
    const free = this.#free.get(key);
    if (free === undefined) this.#free.set(key, [connection]);
    else free.push(connection);
    this.#count++;
  }

  #remove(key: string, connection: KeptConnection): void {
    const free = this.#free.get(key) ?? [];
    free.splice(free.lastIndexOf(connection), 1);
    this.#count--;
  }

  #forgetEmpty(): void {
    for (const [key, free] of this.#free) if (free.length === 0) this.#free.delete(key);
  }
}

function keyOf({ isTls, host, port }: OutgoingTarget): string {
  return `${isTls} ${host} ${port}`;
}

/** Who keeps it while it is free. */
interface Keeper {
  mayBeFree(): boolean;
  becomesFree(connection: KeptConnection): void;
  isTaken(connection: KeptConnection): void;
}

/** Its listeners stay: to put them on and off again cost as much as a tenth of a request. */
class KeptConnection implements OutgoingConnection {
  readonly stream: Duplex;
  isReused = false;
  readonly #keeper: Keeper;
  #isFree = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(stream: Duplex, keeper: Keeper) {
    this.stream = stream;
    this.#keeper = keeper;
    const leaveFree = (): void => {
      if (this.#isFree) stream.destroy(); // nobody has asked anything: what comes is no answer
    };
    stream.on('end', leaveFree).on('close', () => {
      if (this.#isFree) this.take();
      this.#stopTimer();
    });
    stream.prependListener('data', leaveFree);
  }

  take(): this {
    this.#isFree = false;
    this.#keeper.isTaken(this);
    this.isReused = true;
    return this;
  }

  release(seconds: number | null): void {
    const { stream } = this;
    const ms = seconds === null ? IDLE_MS : Math.min(IDLE_MS, seconds * 1_000 - MARGIN_MS);
    const isOver = stream.destroyed || !stream.writable || stream.readableEnded;
    if (isOver || ms <= 0 || !this.#keeper.mayBeFree()) {
      stream.destroy();
      return;
    }
    this.#isFree = true;
    this.#keeper.becomesFree(this);
    if (this.#timer !== null && ms === IDLE_MS) this.#timer.refresh();
    else this.#startTimer(ms);
  }

  #startTimer(ms: number): void {
    this.#stopTimer();
    this.#timer = setTimeout(() => this.#isFree && this.stream.destroy(), ms).unref();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
