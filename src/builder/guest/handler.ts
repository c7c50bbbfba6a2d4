import { buildRouter } from './build-router.ts';
import { writeHeaders } from './headers.ts';
import { environment } from './process.ts';
import { REHEARSAL_METHOD } from './rehearsal.ts';
import { errorText } from './report.ts';
import { type RequestBody, requestBody } from './request-body.ts';
import { readHead } from './request-head.ts';
import { type BodyReader, sendBody } from './response-body.ts';
import type { IncomingRequest, OutgoingResponse, ResponseOutparam, Wasi } from './wasi.ts';
import { WRONG_SHAPE } from './wrong-shape.ts';

/** What an app's main module exports as its default. */
export interface App {
  fetch(request: Request, env: Record<string, string>): Response | Promise<Response>;
}

/** The exported `wasi:http/incoming-handler`. */
export interface IncomingHandler {
  handle(request: IncomingRequest, outparam: ResponseOutparam): Promise<void>;
}

/**
 * Turns `wasi:http` requests into calls of `app.fetch(request, env)` and its responses back, streaming both ways.
 * Runs inside the component; one request at a time per instance.
 *
 * @throws at build time, when the default export has no `fetch`
 */
export function createHandler(app: App, wasi: Wasi): IncomingHandler {
  if (typeof app?.fetch !== 'function') {
    throw new TypeError(`${WRONG_SHAPE}: it is ${app === null ? 'null' : typeof app} without \`fetch\``);
  }
  buildRouter(app);
  let environmentRead = false;

  return {
    async handle(incoming, outparam) {
      if (!environmentRead) {
        // Not while the module loads: that happens once, at build time, without the app's environment.
        Object.assign(environment, Object.fromEntries(wasi.getEnvironment()));
        environmentRead = true;
      }
      const { request, body, method, isRehearsal } = readRequest(incoming, wasi);
      try {
        const asked = isRehearsal ? REHEARSED : app;
        // What is there is not waited for: a promise costs the engine as much as many a handler.
        const answered = request === undefined ? badRequest() : answer(asked, request);
        const response = answered instanceof Response ? answered : await answered;
        await respond(response, method === 'HEAD', outparam, wasi);
      } catch (error) {
        report(error); // the head has been sent, the connection is broken: only the log is left to tell
      } finally {
        body?.release();
        incoming[Symbol.dispose]();
      }
    },
  };
}

/** Does what apps do first. */
const REHEARSED: App = {
  fetch(request) {
    const { pathname } = new URL(request.url);
    return Response.json({ pathname, host: request.headers.get('host') });
  },
};

interface ReadRequest {
  /** Undefined when it is none the Fetch standard can express. */
  readonly request: Request | undefined;
  readonly body: RequestBody | undefined;
  readonly method: string;
  readonly isRehearsal: boolean;
}

function readRequest(incoming: IncomingRequest, wasi: Wasi): ReadRequest {
  const { url, headers, method: asked } = readHead(incoming);
  const isRehearsal = asked === REHEARSAL_METHOD;
  const method = isRehearsal ? 'GET' : asked;
  const body = method === 'GET' || method === 'HEAD' ? undefined : requestBody(incoming, wasi);
  const init =
    body === undefined ? { method, headers } : { method, headers, body: body.stream, duplex: 'half' };
  try {
    return { request: new Request(url, init as RequestInit), body, method, isRehearsal };
  } catch {
    return { request: undefined, body, method, isRehearsal };
  }
}

function answer(app: App, request: Request): Response | Promise<Response> {
  try {
    const response = app.fetch(request, environment);
    return response instanceof Response ? response : later(response);
  } catch (error) {
    return broken(error);
  }
}

async function later(pending: unknown): Promise<Response> {
  try {
    const response = await pending;
    if (response instanceof Response) return response;
    throw new TypeError(`\`fetch\` must return a Response, it returned ${describe(response)}.`);
  } catch (error) {
    return broken(error);
  }
}

function broken(error: unknown): Response {
  report(error);
  return new Response('Internal Server Error', { status: 500 });
}

async function respond(
  response: Response,
  isHead: boolean,
  outparam: ResponseOutparam,
  wasi: Wasi,
): Promise<void> {
  const { head, reader } = outgoing(response, isHead, wasi);
  const body = head.body();
  wasi.http.ResponseOutparam.set(outparam, { tag: 'ok', val: head });
  if (reader === null) wasi.http.OutgoingBody.finish(body, undefined);
  else await sendBody(reader, body, wasi);
}

/** The response's head, and its body unless there is none or nobody may see it. */
function outgoing(
  response: Response,
  isHead: boolean,
  wasi: Wasi,
): { head: OutgoingResponse; reader: BodyReader | null } {
  try {
    if (isHead) response.body?.cancel().catch(() => {});
    const reader = isHead ? null : (response.body?.getReader() ?? null);
    const head = new wasi.http.OutgoingResponse(wasi.http.Fields.fromList(writeHeaders(response.headers)));
    const { status } = response;
    if (status !== 200) head.setStatusCode(status === 0 ? 500 : status); // it begins with 200; `Response.error()` has status 0
    return { head, reader };
  } catch (error) {
    report(error); // a body read before, or a header no server may send
    const head = new wasi.http.OutgoingResponse(wasi.http.Fields.fromList([]));
    head.setStatusCode(500);
    return { head, reader: null };
  }
}

function badRequest(): Response {
  return new Response('Bad Request', { status: 400 });
}

/** Tells the app's log, which is the engine's stderr. */
function report(error: unknown): void {
  const log = globalThis.console;
  if (!(error instanceof Error)) {
    log.error(`Uncaught ${describe(error)}`);
    return;
  }
  log.error(errorText(error));
}

function describe(value: unknown): string {
  return value instanceof Error ? value.message : String(value);
}
