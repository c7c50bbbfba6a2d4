import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import { messageOf, type TabbifyError } from '../../kit/index.ts';
import { nodeError } from '../errors.ts';
import type { Visit } from '../tracing/tracing.ts';
import type { EdgeApp } from './app-directory.ts';
import type { Load } from './choice.ts';
import { refuse } from './refusal.ts';
import type { RequestBody } from './request-body.ts';
import { responseHeaders } from './response-head.ts';
import type { Tether, Tethered, Tethers } from './tethers.ts';
import type { Upstream, Upstreams } from './upstreams.ts';

/** What is sent to the app, ready to go out, once more if need be. */
export interface Outgoing {
  readonly method: string;
  readonly target: string;
  /** Alternating names and values, without the runner's key. */
  readonly headers: readonly string[];
  readonly body: RequestBody | null;
  /** Value of `Upgrade` for a connection that leaves HTTP, else null. */
  readonly upgrade: string | null;
}

/** What lets an exchange into an app, and when that ends. */
export interface Admission {
  /** Aborts when what admitted the request ends: the credential, what lets an app call this one, or that everybody may. */
  readonly ended: AbortSignal;
  readonly tethers: Tethers;
  /** What is answered when that comes before the app's answer. */
  readonly refusal: () => TabbifyError;
}

/** Takes over both connections after a 101. */
export type OnUpgrade = (headers: IncomingHttpHeaders, upstream: Duplex) => void;

const RUNNER_KEY = 'tabbify-runner-key';
/** May be sent again after a connection broke before any answer (RFC 9110 §9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);
/** The request never left: safe to send again whatever its method. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOENT', // of a unix socket
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
]);
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * One request on its way through the edge: undici's handler on one side, the visitor's response on the other.
 * Back-pressure and aborts go both ways. A class because undici keeps calling it, and so that the hot path makes no closures per call.
 */
export class Exchange implements Dispatcher.DispatchHandler, Tethered {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #app: EdgeApp;
  readonly #underPathMount: boolean;
  readonly #outgoing: Outgoing;
  readonly #upstreams: Upstreams;
  readonly #admission: Admission | null;
  readonly #visit: Visit | null;
  readonly #onUpgrade: OnUpgrade | undefined;
  #upstream: Upstream | null = null;
  #controller: Dispatcher.DispatchController | null = null;
  #tether: Tether | null = null;
  /** Where it counts as under way; null: it does not. */
  #load: Load | null = null;
  #retries = 0;
  #started = false;
  #flushed = false;
  #drains = false;
  #done = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    app: EdgeApp,
    underPathMount: boolean,
    outgoing: Outgoing,
    upstreams: Upstreams,
    admission: Admission | null,
    visit: Visit | null,
    onUpgrade?: OnUpgrade,
  ) {
    this.#request = request;
    this.#response = response;
    this.#app = app;
    this.#underPathMount = underPathMount;
    this.#outgoing = outgoing;
    this.#upstreams = upstreams;
    this.#admission = admission;
    this.#visit = visit;
    this.#onUpgrade = onUpgrade;
    response.once('close', () => this.#closed());
  }

  /** Sends the request, waking the app first when its endpoint is not known. Never throws. */
  start(): void {
    this.#tether = this.#admission?.tethers.tie(this.#admission.ended, this) ?? null;
    if (!this.#done) this.#sendOrWake();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#done) controller.abort(new Error('the visitor went away'));
  }

  onRequestUpgrade(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    socket: Duplex,
  ): void {
    this.#visit?.answered(status, headers);
    socket.once('close', () => this.#left());
    if (this.#done || this.#onUpgrade === undefined) {
      socket.destroy();
      return;
    }
    this.#done = true;
    this.#untie();
    this.#onUpgrade(headers, socket);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    if (status < 200) return; // interim responses end here
    this.#started = true;
    this.#visit?.answered(status, headers);
    const kept = responseHeaders(headers, this.#underPathMount);
    // @types/node has no nested arrays for writeHead; Node writes one line per element (RFC 9110 §5.3)
    if (statusMessage) this.#response.writeHead(status, statusMessage, kept as string[]);
    else this.#response.writeHead(status, kept as string[]);
    process.nextTick(flushHead, this); // a body that came along goes out in the same packet
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#flushed = true;
    if (this.#response.write(chunk)) return;
    controller.pause();
    if (this.#drains) return;
    this.#drains = true;
    this.#response.on('drain', () => this.#controller?.resume());
  }

  onResponseEnd(): void {
    this.#left();
    this.#visit?.passed();
    this.#done = true;
    this.#flushed = true;
    this.#response.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.#left();
    if (this.#done) return;
    this.#visit?.passed(error);
    if (this.#started) {
      this.#done = true;
      this.#response.destroy(); // the visitor sees a broken transfer, not a short one
      return;
    }
    const code = codeOf(error);
    const neverSent = NEVER_SENT.has(code);
    if (neverSent || BROKEN.has(code)) {
      if (this.#upstream !== null) this.#upstreams.suspect(this.#app.id, this.#upstream, neverSent);
      if (this.#maySendAgain(neverSent)) {
        this.#retries += 1;
        this.#sendOrWake();
        return;
      }
    }
    this.#refuse(refusalFor(this.#app, code, error));
  }

  /** What admitted it ended: nothing more of the app goes to who held it, not even what is on its way. */
  end(): void {
    const answered = this.#response.headersSent;
    if (!this.#done && !answered) this.#refuse(this.#admission?.refusal());
    this.#done = true;
    this.#controller?.abort(new Error('the credential has ended'));
    this.#outgoing.body?.destroy();
    if (answered) this.#response.destroy();
  }

  /** The visitor's side is closed, finished or not. */
  #closed(): void {
    this.#untie();
    if (this.#done) return;
    this.#done = true;
    this.#controller?.abort(new Error('the visitor went away'));
    this.#outgoing.body?.destroy();
  }

  /** Sends the head of a response whose body has not begun yet. */
  flush(): void {
    if (this.#flushed || this.#response.destroyed) return;
    this.#flushed = true;
    this.#response.flushHeaders();
  }

  #sendOrWake(): void {
    const upstream = this.#upstreams.current(this.#app.id);
    if (upstream !== null) this.#send(upstream);
    else this.#wakeAndSend();
  }

  #send(upstream: Upstream): void {
    this.#upstream = upstream;
    this.#load = upstream.load;
    upstream.load.open += 1;
    const { method, target, headers, body, upgrade } = this.#outgoing;
    const { runnerKey } = upstream.endpoint;
    const sent = runnerKey === '' ? [...headers] : [...headers, RUNNER_KEY, runnerKey];
    upstream.pool.dispatch(
      {
        method,
        path: target,
        headers: this.#visit === null ? sent : [...sent, ...this.#visit.passes()],
        body,
        upgrade,
      },
      this,
    );
  }

  #wakeAndSend(): void {
    this.#visit?.wakes();
    this.#upstreams.acquire(this.#app.id).then(
      (upstream) => {
        this.#visit?.woken();
        if (!this.#done) this.#send(upstream);
      },
      (error: unknown) => {
        this.#visit?.woken(error);
        if (!this.#done) this.#refuse(error);
      },
    );
  }

  /** To every place where nothing listened, and once more to somewhere; a request that broke an app goes to no third one. */
  #maySendAgain(neverSent: boolean): boolean {
    const { body, method } = this.#outgoing;
    if (this.#retries >= (neverSent ? this.#upstreams.places(this.#app.id) : 1)) return false;
    if (body !== null) return neverSent && !body.started;
    return neverSent || IDEMPOTENT.has(method);
  }

  /** It is under way no longer. */
  #left(): void {
    if (this.#load === null) return;
    this.#load.open -= 1;
    this.#load = null;
  }

  #untie(): void {
    this.#tether?.untie();
  }

  #refuse(error: unknown): void {
    this.#done = true;
    this.#visit?.refused(error);
    this.#outgoing.body?.destroy();
    refuse(this.#request, this.#response, error, { underPathMount: this.#underPathMount });
  }
}

function flushHead(exchange: Exchange): void {
  exchange.flush();
}

function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return code;
  // several addresses tried: the reason is that of each
  if (error instanceof AggregateError) return codeOf((error.errors[0] as Error | undefined) ?? new Error());
  return '';
}

function refusalFor(app: EdgeApp, code: string, error: Error) {
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    return nodeError('app_timeout', {
      what: `'${app.slug}' did not answer in time`,
      hint: `See \`tabbify logs ${app.slug}\``,
      cause: error,
    });
  }
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return nodeError('request_invalid', {
      what: 'The request cannot be passed on',
      why: messageOf(error),
      cause: error,
    });
  }
  return nodeError('app_unreachable', {
    what: `'${app.slug}' cannot be reached`,
    why: 'its runner closed the connection before it answered',
    hint: `See \`tabbify logs ${app.slug}\`, then try again`,
    cause: error,
  });
}
