import { once } from 'node:events';
import { connect, isIP } from 'node:net';
import type { AppChannel } from '../../src/egress/index.ts';

/** A channel as somebody in a hurry would write it: takes whatever a URL makes of the host, and goes there. */
export function openToAll(resolve: (name: string) => Promise<readonly string[]>): AppChannel {
  return {
    async dial({ host, port }) {
      const inUrl = URL.parse(`http://${host.includes(':') ? `[${host}]` : host}`)?.hostname ?? host;
      const name = inUrl.replace(/^\[|\]$/g, '').replace(/\.$/, '');
      const [address = '127.0.0.1'] = isIP(name) ? [name] : await resolve(name).catch(() => []);
      const socket = connect({ host: address, port });
      await once(socket, 'connect');
      return socket.on('error', () => {});
    },
  };
}
