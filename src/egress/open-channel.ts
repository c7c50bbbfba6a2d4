import { type Duplex, duplexPair } from 'node:stream';
import { type Clock, messageOf, type TabbifyError } from '../kit/index.ts';
import { type AllowedHost, allowedHosts } from './allowed-host.ts';
import type { AppChannel, Destination } from './channel.ts';
import { connectTo, type Resolve, resolveName } from './connect.ts';
import { DenialLog } from './denial-log.ts';
import { allowListEntry, authorityOf, canonicalDestination } from './destination.ts';
import { egressError } from './errors.ts';

/** The name of the app API; names below it are other apps of the office (CONTRACTS §9). */
export const PLATFORM_HOST = 'tabbify.internal';
const PLATFORM_PORT = 80;
const APPS_SUFFIX = `.${PLATFORM_HOST}`;

/** Milliseconds for looking a name up and connecting. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Streams that an instance may have at once. */
const MAX_STREAMS = 512;

export interface ChannelOptions {
  /** What the app may reach besides the platform. */
  readonly hosts: readonly AllowedHost[];
  /** Speaks HTTP/1.1 with the app over a stream that it opened to `http://tabbify.internal`; must not throw. */
  readonly platform: (stream: Duplex) => void;
  /** Tells a line on the app's log. */
  readonly say: (line: string) => void;
  readonly clock: Clock;
  /** Default: the resolver of this machine. */
  readonly resolve?: Resolve;
  /** Default 512. */
  readonly maxStreams?: number;
  /** Milliseconds; default 10 s. */
  readonly connectTimeoutMs?: number;
}

/** Opens an instance's way out: to a fixed list of places and to the platform, and to nowhere else. */
export function openChannel(options: ChannelOptions): AppChannel {
  const { resolve = resolveName, maxStreams = MAX_STREAMS } = options;
  const allowed = allowedHosts(options.hosts);
  const denials = new DenialLog(options.say, options.clock);
  let open = 0;

  /** @throws TabbifyError `egress_denied`, `egress_unreachable` */
  async function reach(to: Destination, signal: AbortSignal): Promise<Duplex> {
    let addresses: readonly string[];
    try {
      addresses = await orAborted(resolve(to.host), signal);
    } catch (error) {
      throw unreachable(to, error);
    }
    const checked = addresses.filter((address) => allowed.allowsAddress(to, address));
    if (checked.length === 0 && addresses.length > 0) {
      denials.host(allowListEntry({ host: addresses[0] ?? '', port: to.port }));
      throw deniedAddress(to);
    }
    try {
      return await connectTo(checked, to.port, signal);
    } catch (error) {
      throw unreachable(to, error);
    }
  }

  async function reachInTime(to: Destination, signal: AbortSignal | undefined): Promise<Duplex> {
    const limit = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const giveUp = new AbortController();
    const leave = (): void => giveUp.abort(signal?.reason);
    const timer = setTimeout(() => giveUp.abort(new Error(`no answer within ${limit} ms`)), limit);
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted) leave();
    try {
      return await reach(to, giveUp.signal);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    }
  }

  function platformStream(): Duplex {
    const [ofApp, ofPlatform] = duplexPair();
    // An end that is destroyed leaves the other waiting: a gone app must be gone for the platform as well.
    ofApp.once('close', () => ofPlatform.destroy());
    ofPlatform.once('close', () => ofApp.destroy());
    options.platform(ofPlatform);
    return ofApp;
  }

  return {
    async dial(asked, signal) {
      const to = canonicalDestination(asked);
      if (to === null) {
        denials.other('an outgoing connection', 'the name it was to go to is none');
        throw noSuchPlace(asked);
      }
      const isPlatform = to.host === PLATFORM_HOST && to.port === PLATFORM_PORT;
      if (!isPlatform && !allowed.allows(to)) throw denied(to, denials);
      if (open >= maxStreams) throw busy(to, maxStreams);
      open++;
      try {
        const stream = isPlatform ? platformStream() : await reachInTime(to, signal);
        stream.on('error', () => {}); // whoever has it may not listen yet
        stream.once('close', () => open--);
        return stream;
      } catch (error) {
        open--;
        throw error;
      }
    },
  };
}

function denied(to: Destination, denials: DenialLog): TabbifyError {
  if (to.host === PLATFORM_HOST) {
    const hint = `The app API is at http://${PLATFORM_HOST}, port ${PLATFORM_PORT}`;
    denials.other(`an outgoing connection to port ${to.port} of ${PLATFORM_HOST}`, hint);
    return egressError('egress_denied', {
      what: `${authorityOf(to)} is not to be reached`,
      why: 'there is nothing at that port',
      hint,
    });
  }
  const entry = to.host.endsWith(APPS_SUFFIX)
    ? `app:${to.host.slice(0, -APPS_SUFFIX.length)}`
    : allowListEntry(to);
  denials.host(entry);
  return egressError('egress_denied', {
    what: `${entry} is not among the hosts that this app may reach`,
    why: 'nothing grants it',
    hint: allowingLine(entry),
  });
}

function deniedAddress(to: Destination): TabbifyError {
  return egressError('egress_denied', {
    what: `${authorityOf(to)} is not to be reached`,
    why: 'its name leads to an address that is no public one',
    hint: "What lies in a private network is reached by its address, which the app's log has as a line of the manifest",
  });
}

function noSuchPlace({ host }: Destination): TabbifyError {
  return egressError('egress_denied', {
    what: `${JSON.stringify(host.slice(0, 260))} is no host with a port`,
    why: 'it is neither a name of the DNS nor an address, or its port is none',
    hint: 'Names look like api.example.com, addresses like 192.0.2.7 and 2001:db8::1',
  });
}

function unreachable(to: Destination, error: unknown): TabbifyError {
  return egressError('egress_unreachable', {
    what: `${authorityOf(to)} was not reached`,
    why: messageOf(error) || ((error as { code?: string }).code ?? 'nobody answers'),
    hint: 'Try again, or see whether it answers from this machine',
    cause: error,
  });
}

function busy(to: Destination, most: number): TabbifyError {
  return egressError('egress_busy', {
    what: `${authorityOf(to)} was not reached`,
    why: `the app has ${most} connections already`,
    hint: 'Close those that are done, or use one for many requests',
  });
}

function allowingLine(entry: string): string {
  return `The line of tabbify.toml that will allow it, under [capabilities]: http_allow_list = ["${entry}"]`;
}

function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
