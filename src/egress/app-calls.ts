import {
  Agent,
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type Server,
  type ServerResponse,
} from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { boundedPipelining, responseOnSocket } from '../kit/index.ts';
import { breakOff } from './break-off.ts';
import { egressError } from './errors.ts';
import { answerProblem, broken, carry, framingOf, passBack, WRITTEN_ANEW } from './forward-request.ts';
import { endToEndHeaders } from './hop-by-hop.ts';
import { CHANNEL_LIMITS, EGRESS_LIMITS, type EgressLimits } from './limits.ts';
import { appHost } from './platform-host.ts';
import { joinStreams } from './tunnel.ts';

/** Another app of the office that may be called. */
export interface CalledApp {
  /** As the calling app calls it. */
  readonly name: string;
  readonly id: string;
}

/** How calls get to the office. */
export interface CallRoute {
  /** Base URL of the node. */
  readonly node: string;
  /** By what the node knows who calls; no app is ever shown it. */
  readonly key: string;
}

/** Passes requests of an app on to other apps of its office, through the node (CONTRACTS §9). */
export interface AppCalls {
  /** From now on they go that way. Null: there is none, each is answered 502. */
  route(route: CallRoute | null): void;
  /** Speaks HTTP/1.1 with the app over a stream that it opened to that app; `ChannelOptions.calls`. */
  serve(stream: Duplex, app: CalledApp): void;
  /** Lets go of the connections to the node that are free. */
  close(): void;
}

/** Header of a call at the node: the key and the id of the app that is meant. */
export const CALL_HEADER = 'tabbify-app-call';

/** What an app says itself in the words of the platform counts nothing. */
const PLATFORM_FIELD = /^tabbify-/i;
const HEAD_BYTES = 64 * 1024;
const KEEP_ALIVE_MS = 60_000;
/** Milliseconds that a free connection to the node is kept: the node keeps its end longer. */
const FREE_MS = 4_000;

/** @param streams calls at once, however many connections they come over */
export function createAppCalls({ streams }: Pick<EgressLimits, 'streams'> = EGRESS_LIMITS): AppCalls {
  const called = new WeakMap<Duplex, CalledApp>();
  let way: Way | null = null;
  let server: Server | null = null;
  let underWay = 0;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const gone = new AbortController();
    underWay++;
    response.once('close', () => {
      underWay--;
      gone.abort();
    });
    response.on('error', () => {}); // its close says the rest
    request.on('error', () => {});
    try {
      if (underWay > streams) throw busy(hostOf(request), streams);
      const onward = begin(request, framingOf(request));
      gone.signal.addEventListener('abort', () => onward.destroy());
      carry(request, response, onward, hostOf(request));
    } catch (error) {
      answerProblem(response, error);
    }
  }

  function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => {}); // its close says the rest
    const response = responseOnSocket(request, stream);
    try {
      const onward = begin(request, ['connection', 'Upgrade', 'upgrade', 'websocket']);
      stream.once('close', () => onward.destroy());
      onward.on('response', (refusal) => passBack(refusal, response));
      onward.on('error', (error) => answerProblem(response, broken(hostOf(request), error)));
      onward.on('upgrade', (agreed, connection: Duplex, early) => {
        const upstream = connection as Socket; // it is the agent's
        response.detachSocket(request.socket);
        stream.write(switching(agreed), 'latin1');
        if (early.length > 0) stream.write(early);
        if (head.length > 0) upstream.write(head);
        upstream.setTimeout(EGRESS_LIMITS.idleMs, () => breakOff(upstream));
        joinStreams(upstream, stream, CHANNEL_LIMITS.halfOpenMs);
      });
      onward.end();
    } catch (error) {
      answerProblem(response, error);
    }
  }

  /** @throws TabbifyError `egress_denied`, `egress_unreachable` */
  function begin(request: IncomingMessage, more: readonly string[]): ClientRequest {
    const app = called.get(request.socket);
    const { method = 'GET', url = '' } = request;
    const host = hostOf(request);
    if (app === undefined || way === null) throw noWay(host);
    const authority = appHost(app.name);
    if (host !== authority && host !== `${authority}:80`) throw otherHost(authority, host);
    if (!url.startsWith('/')) throw otherHost(authority, url);
    const own = withoutPlatform(endToEndHeaders(request.rawHeaders, WRITTEN_ANEW));
    const said = ['host', authority, CALL_HEADER, `${way.key} ${app.id}`];
    const onward = way.send({ method, path: url, headers: [...said, ...own, ...more] });
    onward.setTimeout(EGRESS_LIMITS.idleMs, () => {
      if (onward.socket !== null) breakOff(onward.socket);
    });
    return onward;
  }

  return {
    route(route) {
      if (route?.node === way?.node && route?.key === way?.key) return;
      way?.close();
      way = route === null ? null : wayTo(route);
    },
    serve(stream, app) {
      stream.on('error', () => {}); // an app that leaves
      called.set(stream, app);
      server ??= createServer(
        {
          maxHeaderSize: HEAD_BYTES,
          headersTimeout: EGRESS_LIMITS.headMs,
          requestTimeout: 0, // of a body, which may stream
          keepAliveTimeout: KEEP_ALIVE_MS,
          connectionsCheckingInterval: 1_000,
          requireHostHeader: false, // told in the office's own words
          shouldUpgradeCallback: ({ method, headers }) =>
            method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket',
        },
        boundedPipelining(answer),
      ).on('upgrade', upgrade);
      server.emit('connection', stream);
    },
    close: () => way?.close(),
  };
}

interface Way extends CallRoute {
  send(options: RequestOptions): ClientRequest;
  close(): void;
}

function wayTo({ node, key }: CallRoute): Way {
  const { protocol, hostname, port } = new URL(node);
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const keeping = { keepAlive: true, timeout: FREE_MS };
  const where = { host, ...(port !== '' && { port }) };
  if (protocol !== 'https:') {
    const agent = new Agent(keeping);
    return {
      ...{ node, key },
      send: (options) => httpRequest({ ...where, agent, ...options }),
      close: () => agent.destroy(),
    };
  }
  // Loaded where it is needed: an office of one machine has no TLS in front of its node.
  const https = process.getBuiltinModule('node:https');
  const agent = new https.Agent(keeping);
  const servername = isIP(host) === 0 ? host : '';
  return {
    ...{ node, key },
    send: (options) => https.request({ ...where, servername, agent, ...options }),
    close: () => agent.destroy(),
  };
}

function hostOf({ headers }: IncomingMessage): string {
  return (headers.host ?? '').toLowerCase();
}

function withoutPlatform(headers: readonly string[]): string[] {
  return headers.filter((_, index) => !PLATFORM_FIELD.test(headers[index - (index % 2)] ?? ''));
}

/** The office's own 101. */
function switching(agreed: IncomingMessage): string {
  const fields = endToEndHeaders(agreed.rawHeaders);
  let text = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  for (let index = 0; index + 1 < fields.length; index += 2)
    text += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return `${text}\r\n`;
}

function noWay(host: string) {
  return egressError('egress_unreachable', {
    what: `${host} was not reached`,
    why: 'the office has not told this host how apps call each other: its node is of an earlier version',
    hint: 'Bring the node to the version of this host',
  });
}

function busy(host: string, most: number) {
  return egressError('egress_busy', {
    what: `${host} was not reached`,
    why: `the app has ${most} calls under way already`,
    hint: 'Wait for answers before asking for more',
  });
}

function otherHost(authority: string, asked: string) {
  return egressError('egress_denied', {
    what: `The request to ${authority} was not passed on`,
    why: `it names ${JSON.stringify(asked.slice(0, 200))}`,
    hint: 'Over this connection go requests of HTTP/1.1 to that host alone',
  });
}
