import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { plainAddress, responseOnSocket, TabbifyError } from '../../kit/index.ts';
import { CALLER_HEADER, type RequestHead, readRequestHead } from '../../runner/index.ts';
import { nodeError } from '../errors.ts';
import type { Tracing, Visit } from '../tracing/tracing.ts';
import { hostMountUrl, originOf, type Place, schemeFor } from './addresses.ts';
import type { AppDirectory, AppPlaces } from './app-directory.ts';
import { createDoorway } from './doorway.ts';
import type { EdgeCalls } from './edge-calls.ts';
import type { EdgeCredential } from './edge-credential.ts';
import type { EdgeSessions } from './edge-sessions.ts';
import { type Admission, Exchange, type Outgoing } from './exchange.ts';
import { createHostNames, type HostNames } from './host-names.ts';
import { credentialEnded, nothingBehind, privateApp } from './known-refusals.ts';
import { type Passage, passageOf } from './passage.ts';
import { refuse } from './refusal.ts';
import { RequestBody } from './request-body.ts';
import { PATH_MOUNT_POLICY } from './response-head.ts';
import type { StaticFiles } from './static-files.ts';
import { sendOn, takeOver } from './take-over.ts';
import { createTethers } from './tethers.ts';
import { joinSockets } from './upgrade.ts';
import { createUpstreams } from './upstreams.ts';

/** What the edge is made of; a bench or a test gives fixed apps and fixed places. */
export interface EdgeOptions {
  /** Apps answer at `<slug>.<domain>`, those of another office than the first at `<slug>.<office>.<domain>`. */
  readonly domain: string;
  readonly publicUrl?: string | undefined;
  /** The port the server listens on. */
  readonly port: () => number;
  readonly apps: AppDirectory;
  readonly places: AppPlaces;
  /** Null: apps have none. */
  readonly staticFiles?: StaticFiles | null;
  /** Recognises a credential of ours in an `Authorization` value; null: it is the app's own affair. */
  readonly recognise: (authorization: string) => EdgeCredential | null;
  /** Null: nobody can sign in with a browser. */
  readonly sessions?: EdgeSessions | null;
  /** Null: apps do not call each other. */
  readonly calls?: EdgeCalls | null;
  /** Aborts when a public app, by its id, is public no more. Asked on every request. Null: apps stay what they are. */
  readonly publicUntil?: ((app: string) => AbortSignal) | null;
  /** Told of who was not let in; must not throw. */
  readonly onRefused?: (refused: EdgeRefusal) => void;
  /** Null: visits are not traced, which costs nothing. */
  readonly tracing?: Tracing | null;
}

/** Somebody who was not let into a private app, or came to a host that is none of ours. */
export interface EdgeRefusal {
  readonly request: IncomingMessage;
  /** Null: the credential was nobody's, or there was none. */
  readonly principal: EdgeCredential['principal'];
  readonly status: number;
  readonly code: string;
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

/** Refused before anybody asked who it is. */
const OF_STRANGERS: ReadonlySet<string> = new Set(['host_foreign', 'call_unknown', 'call_denied']);

/** Puts the edge together. Nothing is opened before the first request. */
export function createEdge(options: EdgeOptions): Edge {
  const { apps, recognise, sessions = null, calls = null, tracing = null, staticFiles = null } = options;
  const hostNames = createHostNames(options);
  const directory = { hostNames, apps, sessions, calls };
  const upstreams = createUpstreams(options.places);
  const openSockets = new Set<Duplex>();
  const tethers = createTethers();
  const place: Place = {
    domain: options.domain,
    publicUrl: options.publicUrl === undefined ? null : new URL(options.publicUrl),
  };

  const enter = createDoorway({
    ...{ place, tethers, recognise, sessions, publicUntil: options.publicUntil ?? null },
    onRefused: (request, principal, { status, code }) =>
      options.onRefused?.({ request, principal, status, code }),
  });

  function noteStranger(request: IncomingMessage, error: unknown): void {
    if (!(error instanceof TabbifyError) || !OF_STRANGERS.has(error.code)) return;
    options.onRefused?.({ request, principal: null, status: error.status, code: error.code });
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
      passage.call === null ? schemeFor(place, head.host) : 'http',
      'x-forwarded-host',
      head.host,
    );
    if (passage.prefix !== null) headers.push('x-forwarded-prefix', passage.prefix);
    if (passage.call !== null) headers.push(CALLER_HEADER, `app:${passage.call.caller}`);
    if (body !== null && head.contentLength !== null) headers.push('content-length', head.contentLength);
    return { method: request.method ?? 'GET', target: passage.target, headers, body, upgrade: null };
  }

  return {
    hostNames,
    handle(request, response, sendContinue) {
      let underPathMount = false;
      let visit: Visit | null = null;
      try {
        const head = readRequestHead(request);
        const passage = passageOf(directory, request, head);
        if (passage === null) return false;
        if (passage.isHandOver && sessions !== null) {
          takeOver(sessions, originOf(place, head.host), response, passage, head);
          return true;
        }
        visit = tracing?.begin({ request, response, closes: response, head, passage }) ?? null;
        underPathMount = passage.prefix !== null;
        const entrance = enter(request, passage, head);
        if (entrance.kind === 'elsewhere') {
          sendOn(response, entrance.location);
          return true;
        }
        const { admission } = entrance;
        if (underPathMount && head.navigates) {
          const location = hostMountUrl(place, head.host, passage.app, passage.target);
          if (location !== null) {
            redirect(response, location);
            return true;
          }
        }
        const { app } = passage;
        const toApp = () => {
          const body = head.hasBody ? new RequestBody(request, sendContinue) : null;
          const outgoing = outgoingOf(request, head, passage, body);
          new Exchange(request, response, app, underPathMount, outgoing, upstreams, admission, visit).start();
        };
        const { files = null } = app;
        if (files === null || staticFiles === null) toApp();
        else if (request.method !== 'GET' && request.method !== 'HEAD') {
          if (files.alone) throw nothingBehind();
          toApp();
        } else {
          if (sendContinue !== undefined) response.shouldKeepAlive = false; // the body is not asked for
          staticFiles.answer({
            ...{ app: app.id, request, response, files, admission, underPathMount },
            credentialEnded: admission?.refusal ?? credentialEnded,
            ...{ target: passage.target, prefix: passage.prefix, headers: head.headers },
            isPrivate: app.visibility === 'private',
            otherwise: toApp,
            refuse: (error) => {
              visit?.refused(error);
              refuse(request, response, error, { underPathMount });
            },
          });
        }
      } catch (error) {
        visit?.refused(error);
        noteStranger(request, error);
        if (sendContinue !== undefined) response.shouldKeepAlive = false; // the body was not asked for
        refuse(request, response, error, { underPathMount });
      }
      return true;
    },
    handleUpgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const response = responseOnSocket(request, socket);
      let underPathMount = false;
      let visit: Visit | null = null;
      try {
        const requestHead = readRequestHead(request);
        const passage = passageOf(directory, request, requestHead);
        if (passage === null)
          throw nodeError('route_unknown', { what: 'The office speaks no WebSocket here' });
        visit = tracing?.begin({ request, response, closes: socket, head: requestHead, passage }) ?? null;
        underPathMount = passage.prefix !== null;
        const entrance = enter(request, passage, requestHead);
        if (entrance.kind === 'elsewhere') throw privateApp(passage.app.slug); // never: an upgrade loads no page
        const { admission } = entrance;
        if (passage.app.files?.alone) throw nothingBehind();
        const outgoing = { ...outgoingOf(request, requestHead, passage, null), upgrade: 'websocket' };
        new Exchange(
          request,
          response,
          passage.app,
          underPathMount,
          outgoing,
          upstreams,
          admission,
          visit,
          (headers, upstream) => {
            response.detachSocket(request.socket);
            const end = joinSockets(
              socket,
              head,
              upstream,
              'websocket',
              headers,
              underPathMount,
              openSockets,
            );
            if (admission !== null) tieUntilClosed(admission, socket, end);
          },
        ).start();
      } catch (error) {
        visit?.refused(error);
        noteStranger(request, error);
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

function tieUntilClosed({ ended, tethers }: Admission, socket: Duplex, end: () => void): void {
  const tether = tethers.tie(ended, { end });
  socket.once('close', () => tether.untie());
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
