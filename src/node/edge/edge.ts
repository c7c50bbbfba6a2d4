import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { nodeError } from '../errors.ts';
import { arrivedAt, hostMountUrl, type Place, plainAddress, schemeFor } from './addresses.ts';
import type { AppDirectory, EdgeApp, EdgeEndpoint } from './app-directory.ts';
import { Exchange, type Outgoing } from './exchange.ts';
import { createHostNames, type HostNames } from './host-names.ts';
import { privateApp, unknownApp } from './known-refusals.ts';
import { isPlatformPath, PATH_MOUNT, readPathMount } from './mount.ts';
import { refuse } from './refusal.ts';
import { RequestBody } from './request-body.ts';
import { type RequestHead, readRequestHead } from './request-head.ts';
import { PATH_MOUNT_POLICY } from './response-head.ts';
import { joinSockets, responseOnSocket } from './upgrade.ts';
import { createUpstreams } from './upstreams.ts';

/** What the edge is made of; a bench or a test gives fixed apps and a fixed endpoint. */
export interface EdgeOptions {
  /** Office domain: apps answer at `<slug>.<domain>`. */
  readonly domain: string;
  readonly publicUrl?: string | undefined;
  /** The port the server listens on. */
  readonly port: () => number;
  readonly apps: AppDirectory;
  /** Starts the app if need be and says where it answers; rejects with what the visitor shall be told. */
  readonly wake: (app: string) => Promise<EdgeEndpoint>;
  /** Recognises a credential of the office in an `Authorization` value; null: it is the app's own affair. */
  readonly recognise: (authorization: string) => { readonly opensApps: boolean } | null;
}

/** The reverse proxy of the office. */
export interface Edge {
  /**
   * Serves a request that belongs to an app, and refuses one that belongs to nobody.
   *
   * @param sendContinue writes `100 Continue`, when the visitor waits for it
   * @returns false when the request is for the office itself: nothing was done
   */
  handle(request: IncomingMessage, response: ServerResponse, sendContinue?: () => void): boolean;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The app was started, stopped or moved: its endpoint is asked for again. */
  invalidate(app: string): void;
  readonly hostNames: HostNames;
  close(): Promise<void>;
}

/** An app's request, let through. */
interface Passage {
  readonly app: EdgeApp;
  /** What the app sees as request target. */
  readonly target: string;
  /** `/app/<uuid>`; null on the app's own host. */
  readonly prefix: string | null;
}

/** Puts the edge together. Nothing is opened before the first request. */
export function createEdge(options: EdgeOptions): Edge {
  const { apps, recognise } = options;
  const hostNames = createHostNames(options);
  const upstreams = createUpstreams(options.wake);
  const openSockets = new Set<Duplex>();
  const place: Place = {
    domain: options.domain,
    publicUrl: options.publicUrl === undefined ? null : new URL(options.publicUrl),
  };

  /** Where the request goes; null: the office's own. @throws TabbifyError with the refusal */
  function passageOf(request: IncomingMessage, head: RequestHead): Passage | null {
    const url = request.url ?? '';
    const role = hostNames.roleOf(head.host);
    const foreign = role.kind === 'foreign' || (role.kind === 'address' && !arrivedAt(request, role.address));
    if (foreign || head.ambiguousHost) throw foreignHost(head);
    if (!url.startsWith('/'))
      throw nodeError('request_invalid', { what: 'The request target must be a path' });
    if (role.kind !== 'app' && !url.startsWith(PATH_MOUNT)) return null;
    const passage = role.kind === 'app' ? onHost(role.slug, url) : underPath(url);
    if (isPlatformPath(passage.target)) {
      throw nodeError('route_unknown', {
        what: 'Nothing is served here',
        why: '/_tabbify belongs to the platform',
      });
    }
    return passage;
  }

  function onHost(slug: string, target: string): Passage {
    const app = apps.bySlug(slug);
    if (app === undefined) throw unknownApp(slug);
    return { app, target, prefix: null };
  }

  function underPath(url: string): Passage {
    const mount = readPathMount(url);
    if (mount === null) {
      throw nodeError('app_id_malformed', {
        what: 'What follows /app/ is not an app id',
        why: 'an id is a UUID such as 0191e7c2-1111-7222-8333-444455556666',
        hint: 'See the ids with `tabbify apps`',
      });
    }
    const app = apps.byId(mount.id);
    if (app === undefined) throw unknownApp(mount.id);
    return { app, target: mount.target, prefix: mount.prefix };
  }

  /** Checks the right to open a private app and leaves only the app's own `Authorization` values. */
  function authorize(app: EdgeApp, head: RequestHead): void {
    let opened = app.visibility === 'public';
    for (const value of head.authorization) {
      const credential = recognise(value);
      if (credential === null) head.headers.push('authorization', value);
      else if (credential.opensApps) opened = true;
    }
    if (!opened) throw privateApp(app);
  }

  function outgoingOf(
    request: IncomingMessage,
    head: RequestHead,
    passage: Passage,
    body: RequestBody | null,
  ): Outgoing {
    const { headers } = head;
    headers.push(
      'host',
      head.host,
      'x-forwarded-for',
      plainAddress(request.socket.remoteAddress),
      'x-forwarded-proto',
      schemeFor(place, head.host),
      'x-forwarded-host',
      head.host,
    );
    if (passage.prefix !== null) headers.push('x-forwarded-prefix', passage.prefix);
    if (body !== null && head.contentLength !== null) headers.push('content-length', head.contentLength);
    return { method: request.method ?? 'GET', target: passage.target, headers, body, upgrade: null };
  }

  return {
    hostNames,
    handle(request, response, sendContinue) {
      let underPathMount = false;
      try {
        const head = readRequestHead(request);
        const passage = passageOf(request, head);
        if (passage === null) return false;
        underPathMount = passage.prefix !== null;
        authorize(passage.app, head);
        if (underPathMount && head.navigates) {
          const location = hostMountUrl(place, head.host, passage.app.slug, passage.target);
          if (location !== null) {
            redirect(response, location);
            return true;
          }
        }
        const body = head.hasBody ? new RequestBody(request, sendContinue) : null;
        const outgoing = outgoingOf(request, head, passage, body);
        new Exchange(request, response, passage.app, underPathMount, outgoing, upstreams).start();
      } catch (error) {
        if (sendContinue !== undefined) response.shouldKeepAlive = false; // the body was not asked for
        refuse(request, response, error, { underPathMount });
      }
      return true;
    },
    handleUpgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const response = responseOnSocket(request, socket);
      let underPathMount = false;
      try {
        const requestHead = readRequestHead(request);
        const passage = passageOf(request, requestHead);
        if (passage === null)
          throw nodeError('route_unknown', { what: 'The office speaks no WebSocket here' });
        underPathMount = passage.prefix !== null;
        authorize(passage.app, requestHead);
        const outgoing = { ...outgoingOf(request, requestHead, passage, null), upgrade: 'websocket' };
        new Exchange(
          request,
          response,
          passage.app,
          underPathMount,
          outgoing,
          upstreams,
          (headers, upstream) => {
            response.detachSocket(request.socket);
            joinSockets(socket, head, upstream, 'websocket', headers, underPathMount, openSockets);
          },
        ).start();
      } catch (error) {
        refuse(request, response, error, { underPathMount });
      }
    },
    invalidate: upstreams.invalidate,
    async close() {
      for (const socket of openSockets) socket.destroy();
      await upstreams.close();
    },
  };
}

/** 307 keeps method and body; the answer depends on who navigates, so no cache may keep it. */
function redirect(response: ServerResponse, location: string): void {
  response.writeHead(307, {
    Location: location,
    'Content-Length': 0,
    'Cache-Control': 'no-store',
    Vary: 'Sec-Fetch-Mode',
    'Content-Security-Policy': PATH_MOUNT_POLICY,
    'X-Content-Type-Options': 'nosniff',
  });
  response.end();
}

function foreignHost(head: RequestHead) {
  return nodeError('host_foreign', {
    what: head.ambiguousHost
      ? 'The request carries two Host headers'
      : `This office does not answer for "${head.host}"`,
    hint: 'Use http://localhost with the port of the office, or set TABBIFY_PUBLIC_URL or TABBIFY_DOMAIN to that name',
  });
}
