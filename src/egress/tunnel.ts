import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { breakOff } from './break-off.ts';
import { GuardedStream } from './guarded-stream.ts';

/**
 * Joins an app's socket with the stream that it has asked for: what comes from the one goes to the other at the pace of its
 * reader, an end is passed on as an end, and a break as a break.
 *
 * @param halfOpenMs milliseconds without a byte after which a tunnel whose one direction has ended is broken; at a unix socket
 * a peer that has gone looks like one that has only ended its direction
 */
export function joinStreams(app: Socket, stream: Duplex, halfOpenMs: number): void {
  let timer: NodeJS.Timeout | null = null;
  let seen = 0;
  const moved = (): number => app.bytesRead + app.bytesWritten;
  const stopWaiting = (): void => {
    if (timer !== null) clearTimeout(timer);
  };
  const breakBoth = (): void => {
    breakOff(app);
    breakOff(stream);
  };
  const breakIfSilent = (): void => {
    if (moved() === seen) breakBoth();
    else wait();
  };
  const wait = (): void => {
    seen = moved();
    timer = setTimeout(breakIfSilent, halfOpenMs);
  };
  if (stream instanceof GuardedStream) stream.hearInto(app);
  for (const [from, to] of [
    [app, stream],
    [stream, app],
  ] as const) {
    from.on('error', () => {}); // its close says the rest
    from.on('end', () => {
      if (timer === null) wait();
    });
    from.on('close', () => {
      stopWaiting();
      if (!from.readableEnded || !from.writableFinished) breakBoth();
    });
    from.pipe(to);
  }
}
