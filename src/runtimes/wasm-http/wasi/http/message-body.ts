import type { IncomingMessage } from 'node:http';
import type { Guest } from '../../guest.ts';
import type { Variant } from '../failure.ts';
import type { ByteSource } from '../io/input-stream.ts';
import { CLOSED, streamFailure } from '../io/io-error.ts';
import { Watchers } from '../io/waitable.ts';

/** What ends the body of a message before it is whole. */
export interface BodyBounds {
  /** The error code of a body whose sender has gone. */
  readonly cut: Variant;
  /** Milliseconds that the guest waits for the next bytes; null: as long as it likes. */
  readonly betweenBytesMs: number | null;
}

const TIMED_OUT: Variant = { tag: 'connection-read-timeout' };

/** The body of a message as it arrives: what is not read stays with the sender (TCP back-pressure). */
export function messageBody(guest: Guest, message: IncomingMessage, bounds: BodyBounds): ByteSource {
  const watchers = new Watchers();
  /** Of `performance.now()`: since then the guest has waited for what has not come. */
  let waitsSince: number | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isLate = false;
  const wake = () => {
    waitsSince = null;
    watchers.wakeAll();
  };
  for (const event of ['readable', 'end', 'close', 'error']) message.on(event, wake);

  const isCut = () => message.destroyed && !message.complete;
  const isOver = () => message.readableEnded || (message.complete && message.readableLength === 0);
  const giveUp = () => {
    isLate = true;
    message.destroy();
    watchers.wakeAll();
  };

  return {
    ready: () => message.readableLength > 0 || isOver() || isCut(),
    watch(waker) {
      watchers.add(waker);
      if (bounds.betweenBytesMs === null || timer !== null) return;
      waitsSince ??= performance.now();
      timer = setTimeout(giveUp, waitsSince + bounds.betweenBytesMs - performance.now());
    },
    unwatch(waker) {
      watchers.delete(waker);
      if (watchers.size > 0 || timer === null) return;
      clearTimeout(timer);
      timer = null;
    },
    read(limit) {
      const available = message.readableLength;
      const bytes = message.read(Math.min(limit, available)) as Buffer | null; // read(0) asks the socket for more
      if (bytes !== null && bytes.length > 0) return bytes;
      if (isLate) throw streamFailure(guest, 'the sender was silent for too long', TIMED_OUT);
      if (isCut()) throw streamFailure(guest, 'the sender has gone', bounds.cut);
      if (isOver()) throw CLOSED;
      return new Uint8Array(0);
    },
  };
}
