import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { type AppChannel, DenialLog, type Destination, ReusedBuffer } from '../../../egress/index.ts';
import { systemClock } from '../../../kit/index.ts';
import type { AppLog } from '../../app-log.ts';
import { openTunnel } from '../../boxed/guest/open-tunnel.ts';

/** What fits into the head of a request to a proxy; the channel outside knows what a name is. */
const SENDABLE = /^[\w.:%-]{1,260}$/;

/**
 * The app's channel from inside its box: each stream is a tunnel through the proxy at its socket. What the channel refuses is thrown as the channel
 * has thrown it.
 */
export function guestChannel(path: string, log: AppLog): AppChannel {
  const denials = new DenialLog((line) => log.line('platform', line), systemClock);
  return {
    async dial(to, signal) {
      if (SENDABLE.test(to.host) && to.port <= 65_535) return tunnel(path, to, signal);
      denials.other('an outgoing connection', 'the name it was to go to is none');
      throw Object.assign(new Error('that is no host with a port'), { code: 'egress_denied' });
    },
  };
}

/** Whoever reads the stream copies what it keeps, as the parsers of HTTP and TLS do. */
function tunnel(path: string, { host, port }: Destination, signal: AbortSignal | undefined): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const buffer = new ReusedBuffer();
    const socket = connect({ path, onread: buffer.onread });
    buffer.hear = (bytes) => {
      const goesOn = socket.push(bytes);
      if (socket.readableLength > 0) buffer.giveAway(); // else its reader had it at once
      return goesOn;
    };
    const leave = (): void => {
      socket.destroy();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    const done = (): void => signal?.removeEventListener('abort', leave);
    openTunnel(socket, host, port, {
      open(rest) {
        done();
        socket.allowHalfOpen = true; // whoever is refused a tunnel has nothing more to say
        socket.on('error', () => {}); // its close says it
        if (rest.length > 0) socket.unshift(rest);
        resolve(socket);
      },
      failed(error) {
        done();
        reject(error.cause ?? error);
      },
    });
    if (signal?.aborted) leave();
  });
}
