import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction, connect as netConnect, type OnReadOpts, type Socket } from 'node:net';

/** Gives the addresses of a name. @throws when it has none */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Seconds after which the peer of a silent connection is asked whether it is still there. */
const KEEP_ALIVE_MS = 60_000;

/** Asks the machine's own resolver; an address is its own. */
export const resolveName: Resolve = async (name) => {
  if (isIP(name) !== 0) return [name]; // a lookup goes through another thread
  const found = await lookup(name, { all: true, order: 'verbatim' });
  return found.map(({ address }) => address);
};

/**
 * Connects to the first of these addresses that answers (RFC 8305); no name is looked up.
 *
 * @param signal gives it up
 * @param onread gets what comes, once the socket is resumed; without it the socket is a stream as any other
 * @throws what the system says when none answers
 */
export function connectTo(
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
  onread?: OnReadOpts,
): Promise<Socket> {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  const [only] = found.length === 1 ? found : [];
  const asked: LookupFunction = (_, { all }, callback) => {
    const [first] = found;
    if (all) callback(null, found);
    else callback(first ? null : new Error('no address'), first?.address ?? '', first?.family);
  };
  return new Promise((resolve, reject) => {
    const socket = netConnect({
      ...(only !== undefined && only.family !== 0
        ? { host: only.address }
        : { host: 'checked', lookup: asked }), // what `asked` answers for
      port,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      ...(onread && { onread }),
    });
    if (onread !== undefined) socket.pause(); // else it reads before anybody hears
    const giveUp = (): void => void socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('error', reject);
    socket.once('close', () => signal.removeEventListener('abort', giveUp));
    socket.once('connect', () => {
      signal.removeEventListener('abort', giveUp);
      socket.off('error', reject);
      resolve(socket);
    });
    if (signal.aborted) giveUp();
  });
}
