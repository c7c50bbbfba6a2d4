import type { RequestListener } from 'node:http';

/** Requests that may wait for their answers on one connection; clients that send so at all mostly send ten. */
const MOST = 16;

/**
 * Ends a connection on which more requests than that wait for their answers. Node itself takes all that come, a thousand in one packet,
 * and keeps each until its answer has gone out.
 */
export function boundedPipelining(listener: RequestListener): RequestListener {
  const waiting = new WeakMap<object, number>();
  return (request, response) => {
    const { socket } = request;
    const before = waiting.get(socket) ?? 0;
    if (before >= MOST || socket.destroyed) {
      socket.destroy();
      return;
    }
    waiting.set(socket, before + 1);
    response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
    listener(request, response);
  };
}
