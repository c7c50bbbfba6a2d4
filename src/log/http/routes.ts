import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, type Env, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type Logger, silentLogger } from '../../kit/index.ts';
import { type EventDraft, MAX_ENVELOPE_BYTES } from '../envelope.ts';
import { logError } from '../errors.ts';
import type { AppendOptions, EventFilter } from '../log-store.ts';
import { type ServedLog, sendEvents } from './event-stream.ts';
import { parseEventsQuery, parseStreamQuery } from './query.ts';
import { appendBody, type OfferedEvent } from './schemas.ts';
import type { ConnectionBounds } from './sse-connection.ts';
import { createTurns } from './turns.ts';

/** What the node decides about a request to the log; it throws a `TabbifyError` (401, 403 …) to refuse. */
export interface LogHooks<E extends Env = Env> {
  /** Fields it returns replace those of the request, e.g. `segments` narrowed to those of one supervisor. */
  authorizeRead(context: Context<E>, filter: EventFilter): EventFilter | Promise<EventFilter>;
  /**
   * A stream tells of the event at this position, and of those after it, when this has resolved; nothing: at once.
   */
  mayTell?(position: number): Promise<void> | undefined;
  /** Aborts when who asked may no longer read; an open stream ends at once. */
  readableUntil?(context: Context<E>): AbortSignal | undefined;
  /** Makes the draft of what was offered: sets actor, tenant, source and what else an outside token may not say. */
  authorizeAppend(context: Context<E>, offered: OfferedEvent): AuthorizedAppend | Promise<AuthorizedAppend>;
}

/** What is appended of what was offered, and how it is kept. */
export interface AuthorizedAppend {
  readonly draft: EventDraft;
  readonly options?: Pick<AppendOptions, 'sealUnder'>;
}

export interface LogRouteOptions extends Partial<ConnectionBounds> {
  readonly logger?: Logger;
}

/** Room for the expectation and for white space around a largest envelope. */
const MAX_BODY_BYTES = 2 * MAX_ENVELOPE_BYTES;

/** What one reader may hold in memory, and how long one that takes nothing is waited for. */
const BOUNDS: ConnectionBounds = { bufferedBytes: 256 * 1024, stalledAfterMs: 30_000, heartbeatMs: 15_000 };

/** Three heartbeats without a byte: the connection is dead, whatever the network says. */
export const DEAD_AFTER_MS = 3 * BOUNDS.heartbeatMs;

/**
 * The log over HTTP: `GET /v1/events`, `GET /v1/events/stream` (SSE) and `POST /v1/events` (CONTRACTS §7).
 * Errors are thrown as `TabbifyError`; the app it is mounted into turns them into problem+json. The stream writes to
 * the connection of `@hono/node-server` itself, whose bindings the app must have been given.
 */
export function logRoutes<E extends Env = Env>(
  store: ServedLog,
  hooks: LogHooks<E>,
  { logger = silentLogger(), ...bounds }: LogRouteOptions = {},
): Hono {
  const inNode = (c: Context) => c as unknown as Context<E>;
  const tools = {
    store,
    logger,
    bounds: { ...BOUNDS, ...bounds },
    turns: createTurns(),
    mayTell: hooks.mayTell,
  };
  return new Hono()
    .get('/v1/events', async (c) => {
      const query = parseEventsQuery(c.req.queries());
      const filter = await hooks.authorizeRead(inNode(c), query);
      return c.json(await store.read({ ...query, ...filter }));
    })
    .get('/v1/events/stream', async (c) => {
      const query = parseStreamQuery(c.req.queries(), c.req.header('last-event-id'));
      const filter = await hooks.authorizeRead(inNode(c), query);
      const head = c.body(null, 200, STREAM_HEADERS);
      if (c.req.method === 'HEAD') return head;
      const { outgoing } = c.env as HttpBindings;
      outgoing.removeHeader('transfer-encoding'); // its end is that of the connection: a frame is one write, not three
      outgoing.writeHead(200, Object.fromEntries(head.headers));
      sendEvents(outgoing, { ...query, ...filter }, hooks.readableUntil?.(inNode(c)), tools);
      return RESPONSE_ALREADY_SENT.clone(); // a copy: middleware may set headers on it
    })
    .post('/v1/events', bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseLarge }), async (c) => {
      const { event, expected_position: expectedPosition } = parseAppendBody(await c.req.text());
      const { draft, options } = await hooks.authorizeAppend(inNode(c), event);
      const result = await store.append(draft, {
        ...options,
        ...(expectedPosition !== undefined && { expectedPosition }),
      });
      return c.json(result, result.duplicate ? 200 : 201);
    }) as unknown as Hono;
}

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no', // proxies in front must not hold events back
};

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
    hint: 'Send {"event": {"type": …, "segment": …, "data": {…}}, "expected_position": n?}',
  });
}

function refuseLarge(): never {
  throw logError('envelope_too_large', {
    what: 'The event is too large',
    why: `an envelope holds at most ${MAX_ENVELOPE_BYTES} bytes`,
    hint: 'Store the data as a blob and append its digest, size and media type',
  });
}
