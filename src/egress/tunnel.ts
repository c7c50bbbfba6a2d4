import type { Duplex } from 'node:stream';
import { breakOff } from './break-off.ts';

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
  const breakBoth = (): void => {
    breakOff(one);
    breakOff(other);
  };
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => {}); // its close says the rest
    from.on('end', () => {
      timer ??= setTimeout(breakBoth, halfOpenMs);
    });
    from.on('data', () => timer?.refresh());
    from.on('close', () => {
      stopWaiting();
      if (!from.readableEnded || !from.writableFinished) breakBoth();
    });
    from.pipe(to);
  }
}
