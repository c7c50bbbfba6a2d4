import type { IncomingHttpHeaders } from 'node:http';
import { type Context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { TabbifyError } from '../../kit/index.ts';
import { parseSpanReport, SPAN_HEADER, type SpanReport, TRACE_HEADER } from '../../runner/index.ts';
import type { Passage } from '../edge/passage.ts';
import { type RunnerSpan, runnersWindow } from './runner-window.ts';
import type { Visit, VisitStart } from './tracing.ts';
import { contextHeaders, takeVisitorsContext } from './visit-context.ts';

/** What a visit's spans are made with. */
export interface SpanMakers {
  readonly edge: Tracer;
  /** Makes the span that a runner has reported. */
  readonly ofRunner: (span: RunnerSpan) => void;
}

/** Methods of RFC 9110 and PATCH; others are `_OTHER`, as anybody can invent them (semantic conventions of HTTP spans). */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

/** Begins the trace of a request, or goes on with the visitor's. */
export function beginVisit(makers: SpanMakers, start: VisitStart): Visit {
  const { request, head, passage } = start;
  const parent = takeVisitorsContext(head.headers);
  const name = `${METHODS.has(request.method ?? '') ? request.method : 'HTTP'} ${routeOf(passage)}`;
  const server = makers.edge.startSpan(name, { kind: SpanKind.SERVER, startTime: nowMs() }, parent);
  return server.isRecording()
    ? new TracedVisit(makers, start, parent, server)
    : unrecorded(contextHeaders(server.spanContext()));
}

/** A visit that is not recorded is told to the app, and that is all: where one in a hundred is, this is what the others cost. */
function unrecorded(headers: readonly string[]): Visit {
  return { ...NOTHING_TO_TELL, passes: () => headers };
}

const nothing = (): void => {};
const NOTHING_TO_TELL = {
  wakes: nothing,
  woken: nothing,
  answered: nothing,
  passed: nothing,
  refused: nothing,
};

/**
 * The spans of one request at the edge. Names and attributes are those of OpenTelemetry's semantic conventions for HTTP;
 * paths, queries, addresses and browsers of visitors are left out: they are nobody else's business.
 */
class TracedVisit implements Visit {
  readonly #makers: SpanMakers;
  readonly #start: VisitStart;
  readonly #method: string;
  readonly #context: Context;
  readonly #server: Span;
  #wake: Span | null = null;
  #client: Span | null = null;
  #clientBeganMs = 0;
  #tries = 0;
  #report: SpanReport | null = null;
  #headMs = 0;
  /** Status of the app's answer; 0: none yet. */
  #status = 0;
  #problem: string | null = null;

  constructor(makers: SpanMakers, start: VisitStart, parent: Context, server: Span) {
    const { request, passage } = start;
    const method = request.method ?? 'GET';
    this.#makers = makers;
    this.#start = start;
    this.#method = METHODS.has(method) ? method : '_OTHER';
    this.#server = server.setAttributes({
      'http.request.method': this.#method,
      'http.route': routeOf(passage),
      'url.scheme': 'http',
      'network.protocol.version': request.httpVersion,
      ...appAttributes(passage),
    });
    this.#context = trace.setSpan(parent, this.#server);
    start.closes.once('close', () => this.#end());
  }

  wakes(): void {
    this.#wake = this.#makers.edge.startSpan(
      'wake',
      { kind: SpanKind.INTERNAL, startTime: nowMs(), attributes: appAttributes(this.#start.passage) },
      this.#context,
    );
  }

  woken(error?: unknown): void {
    if (this.#wake === null) return;
    if (error !== undefined) fail(this.#wake, typeOf(error));
    this.#wake.end(nowMs());
    this.#wake = null;
  }

  passes(): readonly string[] {
    this.#endClient('resent');
    const resend = this.#tries === 0 ? {} : { 'http.request.resend_count': this.#tries };
    this.#tries += 1;
    this.#clientBeganMs = nowMs();
    const client = this.#makers.edge.startSpan(
      this.#method === '_OTHER' ? 'HTTP' : this.#method,
      {
        kind: SpanKind.CLIENT,
        startTime: this.#clientBeganMs,
        attributes: { 'http.request.method': this.#method, ...resend, ...appAttributes(this.#start.passage) },
      },
      this.#context,
    );
    this.#client = client;
    const headers = contextHeaders(client.spanContext());
    return [...headers, TRACE_HEADER, '1'];
  }

  answered(status: number, headers: IncomingHttpHeaders): void {
    if (this.#client === null) return;
    this.#status = status;
    this.#headMs = nowMs();
    this.#report = parseSpanReport(headers[SPAN_HEADER]);
    delete headers[SPAN_HEADER];
    if (this.#report !== null) this.#server.setAttribute('tabbify.app.version', this.#report.version);
  }

  passed(error?: unknown): void {
    const problem = error === undefined ? null : typeOf(error);
    this.#problem = problem;
    this.#endClient(problem);
  }

  refused(error: unknown): void {
    this.#problem = typeOf(error);
  }

  /** The visitor's side is closed. */
  #end(): void {
    const { response } = this.#start;
    const status = response.headersSent ? response.statusCode : this.#status === 101 ? 101 : 0;
    const isWhole = status === 101 || response.writableFinished;
    if (!isWhole && this.#problem === null) this.#server.setAttribute('tabbify.visitor_left', true);
    this.woken();
    this.#endClient(null);
    if (status !== 0) this.#server.setAttribute('http.response.status_code', status);
    // a 4xx is no error of the server's (semantic conventions)
    if (this.#problem !== null && (status >= 500 || !isWhole)) fail(this.#server, this.#problem);
    else if (status >= 500) fail(this.#server, String(status));
    else if (this.#problem !== null) this.#server.setAttribute('error.type', this.#problem);
    this.#server.end(nowMs());
  }

  #endClient(problem: string | null): void {
    const client = this.#client;
    if (client === null) return;
    this.#client = null;
    const endMs = nowMs();
    if (this.#status !== 0) client.setAttribute('http.response.status_code', this.#status);
    if (problem !== null) fail(client, problem);
    else if (this.#status >= 400) fail(client, String(this.#status));
    client.end(endMs);
    if (this.#report !== null) this.#tellOfRunner(client, this.#report, endMs);
    this.#report = null;
  }

  #tellOfRunner(client: Span, report: SpanReport, endMs: number): void {
    this.#makers.ofRunner({
      ...runnersWindow(report, { beganMs: this.#clientBeganMs, headMs: this.#headMs, endMs }),
      spanId: report.spanId,
      name: this.#method === '_OTHER' ? 'HTTP' : this.#method,
      context: trace.setSpan(this.#context, client),
      failure: this.#status >= 500 ? String(this.#status) : null,
      attributes: {
        'http.request.method': this.#method,
        'http.response.status_code': this.#status,
        'process.pid': report.pid,
        'tabbify.app.version': report.version,
        ...appAttributes(this.#start.passage),
      },
    });
  }
}

/** Which of the two mounts: the path behind it is the app's own affair. */
function routeOf({ prefix }: Passage): string {
  return prefix === null ? '/{*rest}' : '/app/{uuid}/{*rest}';
}

function appAttributes({ app }: Passage) {
  return { 'tabbify.app.id': app.id, 'tabbify.app.name': app.slug, 'tabbify.office': app.office };
}

function fail(span: Span, type: string): void {
  span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR });
}

/** A code from a closed list, never a message: that may hold what a visitor sent. */
function typeOf(error: unknown): string {
  if (error instanceof TabbifyError) return error.code;
  return (error as NodeJS.ErrnoException | null)?.code ?? 'unknown';
}

/** Milliseconds since the epoch, as a runner takes them: finer than the clock, from which the SDK's own times begin. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
