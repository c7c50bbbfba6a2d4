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
/** Bytes that lie here before the sender has to wait. */
const MAX_KEPT = 128 * 1024;

/**
 * The body of a message as it arrives: what is not read stays with the sender (TCP back-pressure). Its parts are given as they have
 * come; to ask a stream of node for so many bytes has them copied.
 */
export function messageBody(guest: Guest, message: IncomingMessage, bounds: BodyBounds): ByteSource {
  const watchers = new Watchers();
  const parts: Buffer[] = [];
  let kept = 0;
  /** Of `performance.now()`: since then the guest has waited for what has not come. */
  let waitsSince: number | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isLate = false;
  const wake = () => {
    waitsSince = null;
    watchers.wakeAll();
  };
  message.on('data', (bytes: Buffer) => {
    parts.push(bytes);
    kept += bytes.length;
    if (kept >= MAX_KEPT) message.pause();
    wake();
  });
  for (const event of ['end', 'close', 'error']) message.on(event, wake);

  const isCut = () => message.destroyed && !message.complete;
  const isOver = () => message.readableEnded || (message.complete && message.readableLength === 0);
  const giveUp = () => {
    isLate = true;
    message.destroy();
    watchers.wakeAll();
  };

  function take(limit: number): Buffer | null {
    const [first] = parts;
    if (first === undefined) return null;
    if (first.length <= limit) parts.shift();
    else parts[0] = first.subarray(limit);
    const taken = first.subarray(0, limit);
    kept -= taken.length;
    if (kept < MAX_KEPT && message.isPaused()) message.resume();
    return taken;
  }

  return {
    ready: () => parts.length > 0 || isOver() || isCut(),
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
      const bytes = take(limit);
      if (bytes !== null) return bytes;
      if (isLate) throw streamFailure(guest, 'the sender was silent for too long', TIMED_OUT);
      if (isCut()) throw streamFailure(guest, 'the sender has gone', bounds.cut);
      if (isOver()) throw CLOSED;
      return new Uint8Array(0);
    },
  };
}
