import { z } from '@hono/zod-openapi';
import type { Clock, Logger } from '../../kit/index.ts';
import {
  appendReply,
  type EventFilter,
  eventsQuery,
  logRoutes,
  parseEventsQuery,
  type ServedLog,
  streamQuery,
} from '../../log/index.ts';
import { hostSegment } from '../../state/index.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import { draftOf } from '../commands/offered-events.ts';
import { createSaidTypes } from '../commands/said-types.ts';
import { sealingOf } from '../commands/subject-key.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import type { Projections } from '../projections/projections.ts';
import { type ApiContext, type ApiEnv, type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
import { searchEvents } from './read-events.ts';
import { bearer, json, problems } from './schemas.ts';

/** An event as the reference page shows it (CloudEvents 1.0); the log's own schema checks. */
const eventRow = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: z.string(),
    source: z.string(),
    type: z.string(),
    subject: z.string(),
    time: z.string(),
    dataschema: z.string(),
    data: z.looseObject({}),
    segment: z.string(),
    position: z.int(),
    tenant: z.string(),
    actor: z.string(),
  })
  .openapi('Event');
const eventPage = z.object({
  events: z.array(eventRow),
  next: z.int().nullable().openapi({
    description: 'Pass as `after` (oldest first) or `before` (newest first); null: there is no more',
  }),
  head: z.int().openapi({ description: 'Position of the last event of the log' }),
  damaged: z.array(z.int()).openapi({
    description: 'Positions left out because their events are damaged on disk',
  }),
  searched_to: z.int().optional().openapi({
    description:
      'With `q`: everything up to here was searched. Such a page may be shorter than `limit` although there is more',
  }),
});

/** What the reference page shows of an event that is offered; the log's own schema and the rights check. */
const offeredEvent = z.object({
  event: z
    .looseObject({
      type: z.string().openapi({ example: 'order_placed' }),
      segment: z.string().openapi({ example: 'tenant_default.orders' }),
      data: z.looseObject({}).openapi({ example: { order: 7 } }),
      id: z.uuid().optional().openapi({ description: 'Idempotency key; the same id is appended once' }),
      subject: z.string().optional().openapi({ description: 'What it is about; default: the actor' }),
      dataref: z
        .string()
        .optional()
        .openapi({ description: '`sha256:<hex>` of a blob that was stored before' }),
    })
    .openapi('OfferedEvent'),
  expected_position: z.int().min(0).optional().openapi({
    description:
      'Position of the last event of the same segment and subject that the writer has seen; 0: none',
  }),
});

const MAX_SEARCH = 500;
const searchQuery = eventsQuery.extend({
  q: z.string().max(MAX_SEARCH).optional().openapi({
    description:
      'Words and "quoted phrases", all of which must be there; newest first unless `order` says otherwise',
  }),
});

export interface EventsTools {
  readonly log: ServedLog;
  readonly commands: CommandQueue;
  readonly live: LiveState;
  readonly projections: Projections;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** `GET /v1/events`, its stream, and `POST /v1/events`: the log's own routes behind the node's rights. */
export function eventsRoutes(tools: EventsTools): ApiRouter {
  const { clock, live, logger, projections } = tools;
  const router = newRouter();
  const store = behindState(tools);
  const saidTypes = createSaidTypes();
  router.get('/v1/events', async (c, next) => {
    const { q: words, ...raw } = c.req.queries();
    if (words === undefined) return next();
    const query = parseEventsQuery(raw);
    const q = searchedFor(words);
    return c.json(await searchEvents(store, projections, { ...query, ...readable(c, query), q }));
  });
  router.route(
    '/',
    logRoutes<ApiEnv>(
      store,
      {
        authorizeRead: readable,
        readableUntil: (c) => c.get('principal').ended,
        mayTell: (position) => live.holding(position),
        authorizeAppend(c, offered) {
          const asker = askerOf(c);
          const draft = draftOf(asker, offered, clock, live.office);
          saidTypes.note(asker, draft);
          return { draft, options: sealingOf(draft) };
        },
      },
      { logger },
    ),
  );
  describe(router);
  return router;
}

/** @throws request_invalid */
function searchedFor(words: readonly string[]): string {
  const q = words.join(' ');
  if (q.length <= MAX_SEARCH) return q;
  throw nodeError('request_invalid', {
    what: 'This cannot be searched for',
    why: `\`q\` has ${q.length} characters, it may have ${MAX_SEARCH}`,
    hint: 'Give fewer words',
  });
}

/**
 * The log as the API shows it: nobody is told of an event before the state holds it. A host that hears of its
 * assignment asks for its desired state at once, and nothing would call it again if it got the one before.
 */
function behindState({ log, commands, live }: EventsTools): ServedLog {
  return {
    append: commands.append,
    async read(query) {
      const page = await log.read(query);
      await live.reached(Math.max(page.events[0]?.position ?? 0, page.events.at(-1)?.position ?? 0));
      return page;
    },
    subscribe: (query, signal) => log.subscribe(query, signal),
    watch: (query, signal, arrived) => log.watch(query, signal, arrived), // `mayTell` waits
    head: () => log.head(),
    putBlob: (tenant, bytes, mediatype) => log.putBlob(tenant, bytes, mediatype),
    readBlob: (tenant, digest) => log.readBlob(tenant, digest),
    close: () => log.close(),
  };
}

/** A supervisor reads its own host's segment, which tells of every office it serves; all others read their office. */
function readable(c: ApiContext, filter: EventFilter): EventFilter {
  const principal = c.get('principal');
  if (principal.kind !== 'supervisor') {
    requireScope(c, 'read');
    return { ...filter, tenants: [principal.office] };
  }
  const own = hostSegment(principal.name);
  const { segments } = filter;
  if (segments === undefined || segments.every((segment) => segment === own))
    return { ...filter, segments: [own] };
  throw nodeError('not_allowed', {
    what: `The supervisor '${principal.name}' reads ${own} only`,
    hint: `Ask with segment=${own}`,
  });
}

function describe(router: ApiRouter): void {
  const { openAPIRegistry } = router;
  const common = { tags: ['Events'], security: bearer };
  openAPIRegistry.registerPath({
    ...common,
    method: 'get',
    path: '/v1/events',
    summary: 'Events of the log, by any of their attributes, oldest or newest first; with `q` by their words',
    request: { query: searchQuery },
    responses: { 200: json(eventPage, 'One page'), ...problems },
  });
  openAPIRegistry.registerPath({
    ...common,
    method: 'get',
    path: '/v1/events/stream',
    summary: 'Events as they are appended; resumes by Last-Event-ID',
    request: { query: streamQuery },
    responses: {
      200: {
        description:
          '`id` is the position. `$gap` (no id) tells what was passed over: erased or damaged; `$cut`, the last frame, why the reader was cut off and after which position',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      ...problems,
    },
  });
  openAPIRegistry.registerPath({
    ...common,
    method: 'post',
    path: '/v1/events',
    summary: 'Append an event; actor, source, tenant and time are set by the office',
    request: { body: { required: true, content: { 'application/json': { schema: offeredEvent } } } },
    responses: {
      200: json(appendReply, 'Known already: nothing was appended'),
      201: json(appendReply, 'Appended and durable'),
      ...problems,
    },
  });
}
