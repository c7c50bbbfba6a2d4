import { type Context, type Env, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type EventDraft, MAX_ENVELOPE_BYTES } from '../envelope.ts';
import { logError } from '../errors.ts';
import type { EventFilter, LogStore } from '../log-store.ts';
import { parseEventsQuery, parseStreamQuery } from './query.ts';
import { appendBody, type OfferedEvent } from './schemas.ts';
import { sseStream } from './sse.ts';

/** What the node decides about a request to the log; it throws a `TabbifyError` (401, 403 …) to refuse. */
export interface LogHooks<E extends Env = Env> {
  /** Fields it returns replace those of the request, e.g. `segments` narrowed to those of one supervisor. */
  authorizeRead(context: Context<E>, filter: EventFilter): EventFilter | Promise<EventFilter>;
  /** Makes the draft of what was offered: sets actor, tenant, source and what else an outside token may not say. */
  authorizeAppend(context: Context<E>, offered: OfferedEvent): EventDraft | Promise<EventDraft>;
}

/** Room for the expectation and for white space around a largest envelope. */
const MAX_BODY_BYTES = 2 * MAX_ENVELOPE_BYTES;

/**
 * The log over HTTP: `GET /v1/events`, `GET /v1/events/stream` (SSE) and `POST /v1/events` (CONTRACTS §7).
 * Errors are thrown as `TabbifyError`; the app it is mounted into turns them into problem+json.
 */
export function logRoutes<E extends Env = Env>(store: LogStore, hooks: LogHooks<E>): Hono {
  const authorizeRead = (c: Context, filter: EventFilter) =>
    hooks.authorizeRead(c as unknown as Context<E>, filter);
  return new Hono()
    .get('/v1/events', async (c) => {
      const query = parseEventsQuery(c.req.queries());
      const filter = await authorizeRead(c, query);
      return c.json(await store.read({ ...query, ...filter }));
    })
    .get('/v1/events/stream', async (c) => {
      const query = parseStreamQuery(c.req.queries(), c.req.header('last-event-id'));
      const filter = await authorizeRead(c, query);
      return eventStream(store, { ...query, ...filter }, c.req.raw.signal);
    })
    .post('/v1/events', bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseLarge }), async (c) => {
      const { event, expected_position: expectedPosition } = parseAppendBody(await c.req.text());
      const draft = await hooks.authorizeAppend(c as unknown as Context<E>, event);
      const result = await store.append(draft, expectedPosition === undefined ? {} : { expectedPosition });
      return c.json(result, result.duplicate ? 200 : 201);
    }) as unknown as Hono;
}

/**
 * A subscription as a response.
 *
 * @param gone aborts when the client has gone, for servers that say so before they cancel the body
 */
function eventStream(
  store: LogStore,
  query: Parameters<LogStore['subscribe']>[0],
  gone: AbortSignal,
): Response {
  const body = sseStream((ended) => store.subscribe(query, AbortSignal.any([ended, gone])));
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // proxies in front must not hold events back
    },
  });
}

/** @throws TabbifyError `envelope_invalid` */
function parseAppendBody(text: string) {
  const parsed = appendBody.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw invalid(`\`${first?.path.join('.') || 'body'}\`: ${first?.message}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('the body is not JSON');
  }
}

function invalid(why: string) {
  return logError('envelope_invalid', {
    what: 'The event cannot be appended',
    why,
    hint: 'Send {"event": {…}, "expected_position": n?}',
  });
}

function refuseLarge(): never {
  throw logError('envelope_too_large', {
    what: 'The event is too large',
    why: `an envelope holds at most ${MAX_ENVELOPE_BYTES} bytes`,
    hint: 'Store the data as a blob and append its digest, size and media type',
  });
}
