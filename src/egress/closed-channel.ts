import type { AppChannel } from './channel.ts';
import { egressError } from './errors.ts';

/**
 * A channel that nothing gets through.
 *
 * @param onDenied told the entry of `http_allow_list` that would be needed, each time
 */
export function closedChannel(onDenied: (entry: string) => void): AppChannel {
  return {
    async dial({ host, port }) {
      const name = host.includes(':') ? `[${host}]` : host.toLowerCase();
      const entry = port === 443 || port === 80 ? name : `${name}:${port}`;
      onDenied(entry);
      throw egressError('egress_denied', {
        what: `${entry} is not among the hosts that this app may reach`,
        why: 'nothing grants it',
        hint: `The line of tabbify.toml that will allow it, under [capabilities]: http_allow_list = ["${entry}"]`,
      });
    },
  };
}
