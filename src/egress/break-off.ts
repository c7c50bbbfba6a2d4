import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A stream that can be ended so that its far end sees it break. */
export interface Breakable {
  breakOff(): void;
}

/** Ends a stream so that its far end sees a break and not an end, where there is such a thing. */
export function breakOff(stream: Duplex | (Duplex & Breakable)): void {
  if (stream.destroyed) return;
  if ('breakOff' in stream) stream.breakOff();
  else if (stream instanceof Socket && stream.remoteAddress !== undefined) stream.resetAndDestroy();
  else stream.destroy();
}
