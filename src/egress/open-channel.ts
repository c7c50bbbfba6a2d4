import { type Duplex, duplexPair } from 'node:stream';
import { parseHostEntry } from '../app/index.ts';
import { type Clock, messageOf, TabbifyError } from '../kit/index.ts';
import type { CalledApp } from './app-calls.ts';
import { breakOff } from './break-off.ts';
import type { AppChannel, Destination } from './channel.ts';
import { checkedAddresses } from './checked-addresses.ts';
import { connectTo, type Resolve, resolveName } from './connect.ts';
import { DenialLog } from './denial-log.ts';
import { allowListEntry, authorityOf, canonicalDestination } from './destination.ts';
import { egressError } from './errors.ts';
import { GuardedStream, type Outside } from './guarded-stream.ts';
import { inspectionOf } from './inspect/first-words.ts';
import type { Refusal } from './inspect/inspection.ts';
import { EGRESS_LIMITS, type EgressLimits } from './limits.ts';
import { boundedLookups } from './lookups.ts';
import { appNameOf, PLATFORM_HOST, PLATFORM_PORT } from './platform-host.ts';
import { type EgressPolicy, isWithin, type Permit } from './policy.ts';
import { ReusedBuffer } from './reused-buffer.ts';
import { TokenBucket } from './token-bucket.ts';

export interface ChannelOptions {
  /** What the app may reach besides the platform. */
  readonly policy: EgressPolicy;
  /** Speaks HTTP/1.1 with the app over a stream that it opened to `http://tabbify.internal`; must not throw. */
  readonly platform: (stream: Duplex) => void;
  /** The same for a stream to another app of the office that the policy allows; missing: none is reached. */
  readonly calls?: (stream: Duplex, app: CalledApp) => void;
  /** Tells a line on the app's log. */
  readonly say: (line: string) => void;
  /** Told at each denial the entry of `http_allow_list` that would allow it. */
  readonly onDenied?: (entry: string) => void;
  readonly clock: Clock;
  /** Default: the resolver of this machine. */
  readonly resolve?: Resolve;
  readonly limits?: Partial<EgressLimits>;
}

/** A connection that stands, and by what. */
interface Connection {
  readonly to: Destination;
  readonly permit: Permit;
  /** That it leads to; empty: to another app of the office. */
  readonly address: string;
  readonly stream: Duplex;
}

/**
 * Opens an instance's way out: to what the policy allows and to the platform, and to nowhere else. What the policy allows no more
 * is broken off.
 */
export function openChannel(options: ChannelOptions): AppChannel {
  const { policy } = options;
  const limits = { ...EGRESS_LIMITS, ...options.limits };
  const resolve = boundedLookups(options.resolve ?? resolveName, limits.streams);
  const denials = new DenialLog(options.say, options.clock, options.onDenied);
  const bucket = new TokenBucket(limits.dialBurst, limits.dialsPerSecond, options.clock);
  const connections = new Set<Connection>();
  let open = 0;
  policy.onChange(() => {
    for (const connection of connections) if (!isStillAllowed(connection)) endRevoked(connection);
  });

  function isStillAllowed({ to, permit, address }: Omit<Connection, 'stream'>): boolean {
    return isWithin(permit, policy.permit(to)) && policy.allowsAddress(to, address);
  }

  function endRevoked({ to, stream }: Connection): void {
    denials.ended(authorityOf(to));
    breakOff(stream);
  }

  /** @throws TabbifyError `egress_denied`, `egress_unreachable` */
  async function reach(to: Destination, permit: Permit, signal: AbortSignal): Promise<Duplex> {
    let addresses: readonly string[];
    try {
      addresses = await orAborted(resolve(to.host), signal);
    } catch (error) {
      throw error instanceof TabbifyError ? error : unreachable(to, error);
    }
    const checked = checkedAddresses(addresses, (address) => policy.allowsAddress(to, address));
    if ('refused' in checked) {
      denials.host(allowListEntry({ host: checked.refused, port: to.port }));
      throw deniedAddress(to);
    }
    const outside = await connectChecked(to, permit, checked.usable, signal);
    const { speaks } = permit;
    const address = outside.socket.remoteAddress ?? '';
    const stream = speaks === null ? outside.socket : guarded(outside, { to, permit, address }, speaks);
    return live({ to, permit, address, stream });
  }

  /** @throws TabbifyError `egress_denied`, `egress_unreachable` */
  async function connectChecked(
    to: Destination,
    permit: Permit,
    addresses: readonly string[],
    signal: AbortSignal,
  ): Promise<Outside> {
    const buffer = new ReusedBuffer();
    const socket = await connectTo(
      addresses,
      to.port,
      signal,
      permit.speaks === null ? undefined : buffer.onread,
    ).catch((error: unknown) => {
      throw unreachable(to, error);
    });
    if (!isStillAllowed({ to, permit, address: socket.remoteAddress ?? '' })) {
      breakOff(socket); // its grant was taken back in the meantime
      throw denied(to, denials);
    }
    socket.setTimeout(limits.idleMs, () => breakOff(socket));
    return { socket, buffer };
  }

  /** Ends when it is allowed no more. */
  function live(connection: Connection): Duplex {
    connections.add(connection);
    connection.stream.once('close', () => connections.delete(connection));
    return connection.stream;
  }

  function guarded(
    outside: Outside,
    { to, permit, address }: Omit<Connection, 'stream'>,
    speaks: NonNullable<Permit['speaks']>,
  ): Duplex {
    return new GuardedStream(outside, inspectionOf(speaks, to, limits), {
      headMs: limits.headMs,
      refused: (refusal) => tellRefused(to, refusal),
      async again() {
        if (!bucket.take()) throw rateLimited(to, limits.dialsPerSecond);
        return connectChecked(to, permit, [address], AbortSignal.timeout(limits.connectMs));
      },
    });
  }

  function tellRefused(to: Destination, { entry, message }: Refusal): void {
    if (entry !== null) denials.host(entry);
    else denials.other(`what was sent to ${JSON.stringify(authorityOf(to))}`, message);
  }

  async function reachInTime(
    to: Destination,
    permit: Permit,
    signal: AbortSignal | undefined,
  ): Promise<Duplex> {
    const giveUp = new AbortController();
    const leave = (): void => giveUp.abort(signal?.reason);
    const late = new Error(`no answer within ${limits.connectMs} ms`);
    const timer = setTimeout(() => giveUp.abort(late), limits.connectMs);
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted) leave();
    try {
      return await reach(to, permit, giveUp.signal);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
    }
  }

  /** @throws TabbifyError `egress_unreachable` */
  function callApp(to: Destination, permit: Permit, id: string): Duplex {
    const { calls } = options;
    if (calls === undefined) throw unreachable(to, new Error('nobody passes calls to other apps on'));
    const name = appNameOf(to) ?? '';
    return live({ to, permit, address: '', stream: innerStream((stream) => calls(stream, { name, id })) });
  }

  /** @throws TabbifyError `egress_denied`, `egress_rate_limited` */
  function permitted(to: Destination): Permit {
    const permit = policy.permit(to);
    if (permit === null) throw denied(to, denials);
    if (!bucket.take()) throw rateLimited(to, limits.dialsPerSecond);
    return permit;
  }

  return {
    async dial(asked, signal) {
      const to = canonicalDestination(asked);
      if (to === null) {
        denials.other('an outgoing connection', 'the name it was to go to is none');
        throw noSuchPlace(asked);
      }
      const isPlatform = to.host === PLATFORM_HOST && to.port === PLATFORM_PORT;
      const permit = isPlatform ? null : permitted(to);
      const app = permit?.app;
      if (open >= limits.streams) throw busy(to, limits.streams);
      open++;
      try {
        const stream =
          permit === null
            ? innerStream(options.platform)
            : app !== undefined
              ? callApp(to, permit, app)
              : await reachInTime(to, permit, signal);
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

/** The app's end of a stream that nothing leaves this process by. @param serve has the other end; must not throw */
function innerStream(serve: (stream: Duplex) => void): Duplex {
  const [ofApp, ofPlatform] = duplexPair();
  // An end that is destroyed leaves the other waiting: a gone app must be gone for the platform as well.
  ofApp.once('close', () => ofPlatform.destroy());
  ofPlatform.once('close', () => ofApp.destroy());
  serve(ofPlatform);
  return ofApp;
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
  const name = appNameOf(to);
  if (name !== null && (to.port !== PLATFORM_PORT || parseHostEntry(`app:${name}`) === null)) {
    const hint = `Apps of the office are at http://<name>.${PLATFORM_HOST}, port ${PLATFORM_PORT}`;
    denials.other(`an outgoing connection to ${JSON.stringify(authorityOf(to))}`, hint);
    return egressError('egress_denied', {
      what: `${authorityOf(to)} is not to be reached`,
      why: 'there is no app at that name and port',
      hint,
    });
  }
  const entry = name === null ? allowListEntry(to) : `app:${name}`;
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
    why: 'its name leads to an address that is no public one, or to this machine or its neighbours',
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

function rateLimited(to: Destination, perSecond: number): TabbifyError {
  return egressError('egress_rate_limited', {
    what: `${authorityOf(to)} was not reached`,
    why: `the app makes more than ${perSecond} new connections per second`,
    hint: 'Use one connection for many requests, or try again in a moment',
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
