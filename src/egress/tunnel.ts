import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Joins two streams of bytes: what comes from the one goes to the other at the pace of its reader, an end is passed on as an
 * end, and a break as a break.
 *
 * @param halfOpenMs milliseconds without a byte after which a tunnel whose one direction has ended is broken; at a unix socket
 * a peer that has gone looks like one that has only ended its direction
 */
export function joinStreams(one: Duplex, other: Duplex, halfOpenMs: number): void {
  let timer: NodeJS.Timeout | null = null;
  const stopWaiting = (): void => {
    if (timer !== null) clearTimeout(timer);
  };
  const breakOff = (): void => {
    reset(one);
    reset(other);
  };
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => {}); // its close says the rest
    from.on('end', () => {
      timer ??= setTimeout(breakOff, halfOpenMs);
    });
    from.on('data', () => timer?.refresh());
    from.on('close', () => {
      stopWaiting();
      if (!from.readableEnded || !from.writableFinished) breakOff();
    });
    from.pipe(to);
  }
}

/** Breaks a stream so that its far end sees a break, not an end, where there is such a thing. */
function reset(stream: Duplex): void {
  const isTcp = stream instanceof Socket && stream.remoteAddress !== undefined;
  if (isTcp && !stream.destroyed) stream.resetAndDestroy();
  else stream.destroy();
}
