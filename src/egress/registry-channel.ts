import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import { type Clock, systemClock } from '../kit/index.ts';
import { allowedHosts } from './allowed-host.ts';
import type { AppChannel, Destination } from './channel.ts';
import type { Resolve } from './connect.ts';
import { DenialLog } from './denial-log.ts';
import { canonicalDestination } from './destination.ts';
import { egressError } from './errors.ts';
import { passOn, WRITTEN_ANEW } from './forward-request.ts';
import { endToEndHeaders } from './hop-by-hop.ts';
import { noAppApi } from './no-app-api.ts';
import { openChannel } from './open-channel.ts';
import { secureStream } from './secure-stream.ts';

/** A package registry, and what the office has for it; none of that is seen by who uses the channel. */
export interface RegistrySettings {
  /** `http:` or `https:`, with a slash at its end, as npm is configured. */
  readonly registry: string;
  /** Value of the field `authorization` for what lies below that address (`Bearer …`, `Basic …`); null: none. */
  readonly authorization: string | null;
  /** Certificates (PEM) to trust instead of the machine's; null: the machine's. */
  readonly ca: string | null;
  /** Tells what was denied. */
  readonly say: (line: string) => void;
  readonly clock?: Clock;
  readonly resolve?: Resolve;
}

/** The way to one registry, and to nothing else. */
export interface RegistryChannel {
  readonly channel: AppChannel;
  /**
   * What npm is told as its registry: plain HTTP under the registry's own name. Tarballs have the registry's own addresses, so
   * npm is to be told `replace-registry-host=always` as well.
   */
  readonly url: string;
}

/** Characters of a name in words. */
const MAX_NAME_LENGTH = 260;
/** Only what reads: nobody publishes from a box. */
const METHODS = ['GET', 'HEAD'];
/** A client's own word to the registry counts nothing. */
const NOT_PASSED_ON = [...WRITTEN_ANEW, 'authorization', 'cookie'];

/**
 * A channel to the office's package registry, whatever its address (CONTRACTS §5). Who uses it speaks plain HTTP; TLS, the
 * certificates and the credential are added outside. The credential goes with requests below the registry's own path only.
 */
export function openRegistryChannel(settings: RegistrySettings): RegistryChannel {
  const registry = new URL(settings.registry);
  const inside = new URL(`http://${registry.host}${registry.pathname}`);
  const place = placeOf(inside);
  const there = placeOf(registry);
  const clock = settings.clock ?? systemClock;
  const outside = openChannel({
    policy: allowedHosts([{ ...there, anyAddress: true }]),
    platform: noAppApi(),
    say: settings.say,
    clock,
    ...(settings.resolve && { resolve: settings.resolve }),
  });
  const denials = new DenialLog(settings.say, clock);
  const server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = URL.parse(`${registry.origin}${request.url}`);
    const isBelow = target?.pathname.startsWith(registry.pathname) ?? false;
    const credential =
      isBelow && settings.authorization !== null ? ['authorization', settings.authorization] : [];
    await passOn(request, response, {
      dial: (signal) => {
        if (!METHODS.includes(request.method ?? '')) throw onlyReads(request);
        return connect(signal);
      },
      authority: registry.host,
      path: `${target?.pathname}${target?.search}`,
      headers: [...endToEndHeaders(request.rawHeaders, NOT_PASSED_ON), ...credential],
    });
  }

  async function connect(signal: AbortSignal): Promise<Duplex> {
    const stream = await outside.dial(there, signal);
    if (registry.protocol === 'http:') return stream;
    return secureStream(stream, there.host, { signal, ...(settings.ca !== null && { ca: settings.ca }) });
  }

  return {
    url: inside.href,
    channel: {
      async dial(asked, signal) {
        const to = canonicalDestination(asked);
        if (to?.host !== place.host || to.port !== place.port) throw denied(asked, denials);
        signal?.throwIfAborted();
        const [ofNpm, ofServer] = duplexPair();
        // An end that is destroyed leaves the other waiting.
        ofNpm.on('error', () => {}).once('close', () => ofServer.destroy());
        ofServer.on('error', () => {}).once('close', () => ofNpm.destroy());
        server.emit('connection', ofServer);
        return ofNpm;
      },
    },
  };
}

/** @throws TypeError when it is no address of a registry */
function placeOf({ hostname, port, protocol }: URL): Destination {
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const to = canonicalDestination({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)) });
  if (to === null) throw new TypeError(`${hostname} is no host`);
  return to;
}

const NOTHING_ELSE = 'the package registry of the office is reached, and nothing else';

function denied({ host, port }: Destination, denials: DenialLog) {
  const shown = JSON.stringify(`${host.slice(0, MAX_NAME_LENGTH)}:${port}`);
  denials.other(`outgoing connection to ${shown}`, NOTHING_ELSE);
  return egressError('egress_denied', {
    what: `${shown} is not to be reached`,
    why: NOTHING_ELSE,
    hint: 'Packages come from that registry; what else is needed belongs into the app',
  });
}

function onlyReads({ method }: IncomingMessage) {
  return egressError('egress_denied', {
    what: `${method} is not passed on to the registry`,
    why: 'packages are only fetched from it',
    hint: 'Publish from outside',
  });
}
