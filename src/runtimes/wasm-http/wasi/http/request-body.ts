import type { IncomingMessage } from 'node:http';
import type { Guest } from '../../guest.ts';
import type { ByteSource } from '../io/input-stream.ts';
import { CLOSED, streamFailure } from '../io/io-error.ts';
import { Watchers } from '../io/waitable.ts';

/** The body of a request as it arrives: what is not read stays with the sender (TCP back-pressure). */
export function requestBody(guest: Guest, request: IncomingMessage): ByteSource {
  const watchers = new Watchers();
  const wake = () => watchers.wakeAll();
  for (const event of ['readable', 'end', 'close', 'error']) request.on(event, wake);

  const isCut = () => request.destroyed && !request.complete;
  const isOver = () => request.readableEnded || (request.complete && request.readableLength === 0);

  return {
    ready: () => request.readableLength > 0 || isOver() || isCut(),
    watch: (waker) => watchers.add(waker),
    unwatch: (waker) => watchers.delete(waker),
    read(limit) {
      const available = request.readableLength;
      const bytes = request.read(Math.min(limit, available)) as Buffer | null; // read(0) asks the socket for more
      if (bytes !== null && bytes.length > 0) return bytes;
      if (isCut()) throw streamFailure(guest, 'the sender has gone', { tag: 'connection-terminated' });
      if (isOver()) throw CLOSED;
      return new Uint8Array(0);
    },
  };
}
