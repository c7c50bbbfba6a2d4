import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { TimedResponse } from '../runner/index.ts';

/** How a server with requests under way comes to its end. */
export interface ServerEnd {
  /**
   * Takes no new connection; resolves when all that was asked is answered, or after 10 s. What never ends by itself (event
   * streams, WebSockets) is not waited for, and still served.
   */
  drain(): Promise<void>;
  /** Drains, and breaks off what is left; resolves when no connection is. */
  close(): Promise<void>;
}

/** What is asked is answered within this, as when a runner is stopped (milliseconds; CONTRACTS §8). */
const DRAIN_MS = 10_000;
/** A connection that was taken just before has this long to say what it wants (milliseconds); browsers open some to spare. */
const MUTE_MS = 250;
const LOOK_MS = 20;

/**
 * Node's own `close` breaks connections off whose request is on its way to be read; this does not.
 *
 * @param server one whose responses are timed, and which does not listen yet
 * @param breakOff ends connections that the server has given away: WebSockets
 */
export function createServerEnd(server: Server, breakOff: () => void): ServerEnd {
  const sockets = new Set<Socket>();
  const asked = new WeakSet<Socket>();
  const underWay = new Set<TimedResponse>();
  let draining: Promise<void> | null = null;
  let closed: Promise<unknown> = Promise.resolve();

  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (_, socket) => sockets.delete(socket as Socket));
  const forget = function (this: TimedResponse): void {
    underWay.delete(this);
  };
  const note = ({ socket }: IncomingMessage, response: TimedResponse): void => {
    asked.add(socket);
    underWay.add(response);
    response.on('close', forget);
    if (draining !== null) response.shouldKeepAlive = false;
  };
  server.prependListener('request', note);
  server.prependListener('checkContinue', note);

  /** Ends connections that nothing is expected of. @returns whether there is something left to wait for */
  function look(elapsedMs: number): boolean {
    const awaited = [...underWay].filter((response) => !response.isEventStream);
    const busy = new Set([...underWay].map(({ socket }) => socket));
    const quiet = [...sockets].filter((socket) => !busy.has(socket));
    const mute = quiet.filter((socket) => !asked.has(socket) && elapsedMs < MUTE_MS);
    for (const socket of quiet) if (!mute.includes(socket)) socket.destroy();
    return awaited.length + mute.length > 0;
  }

  async function drain(): Promise<void> {
    if (!server.listening) return;
    const beganAt = performance.now();
    closed = once(server, 'close');
    NetServer.prototype.close.call(server);
    for (const response of underWay) {
      if (!response.headersSent) response.shouldKeepAlive = false; // the answer says so: ask elsewhere next
    }
    const elapsed = (): number => performance.now() - beganAt;
    do
      await wait(LOOK_MS); // in which what has come is read
    while (look(elapsed()) && elapsed() < DRAIN_MS);
    const idle = setInterval(() => look(elapsed()), LOOK_MS);
    void closed.then(() => clearInterval(idle));
  }

  const drainOnce = (): Promise<void> => {
    draining ??= drain();
    return draining;
  };
  return {
    drain: drainOnce,
    async close() {
      await drainOnce();
      breakOff();
      for (const socket of sockets) socket.destroy();
      await closed;
      server.close(() => {}); // it has ended; this ends Node's own watch over its connections
    },
  };
}
