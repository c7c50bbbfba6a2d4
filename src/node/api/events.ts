import { z } from '@hono/zod-openapi';
import type { Clock } from '../../kit/index.ts';
import {
  appendBody,
  appendReply,
  type EventFilter,
  eventsQuery,
  type LogStore,
  logRoutes,
  streamQuery,
} from '../../log/index.ts';
import { hostSegment } from '../../state/index.ts';
import type { CommandQueue } from '../commands/command-queue.ts';
import { draftOf } from '../commands/offered-events.ts';
import { sealingOf } from '../commands/subject-key.ts';
import { nodeError } from '../errors.ts';
import type { LiveState } from '../live-state.ts';
import { type ApiContext, type ApiEnv, type ApiRouter, askerOf, newRouter } from './context.ts';
import { requireScope } from './guards.ts';
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
const eventPage = z.object({ events: z.array(eventRow), next: z.int().nullable(), head: z.int() });

export interface EventsTools {
  readonly log: LogStore;
  readonly commands: CommandQueue;
  readonly live: LiveState;
  readonly clock: Clock;
}

/** `GET /v1/events`, its stream, and `POST /v1/events`: the log's own routes behind the node's rights. */
export function eventsRoutes(tools: EventsTools): ApiRouter {
  const { clock, live } = tools;
  const router = newRouter();
  const store = behindState(tools);
  router.route(
    '/',
    logRoutes<ApiEnv>(store, {
      authorizeRead: readable,
      authorizeAppend(c, offered) {
        return draftOf(askerOf(c), offered, clock, live.office);
      },
    }),
  );
  describe(router);
  return router;
}

/**
 * The log as the API shows it: nobody is told of an event before the state holds it. A host that hears of its
 * assignment asks for its desired state at once, and nothing would call it again if it got the one before.
 */
function behindState({ log, commands, live }: EventsTools): LogStore {
  return {
    append: (draft, options) => commands.append(draft, { ...options, ...sealingOf(draft) }),
    async read(query) {
      const page = await log.read(query);
      await live.reached(page.events.at(-1)?.position ?? 0);
      return page;
    },
    subscribe(query, signal) {
      const events = log.subscribe(query, signal);
      return (async function* () {
        for await (const event of events) {
          await live.reached(event.position);
          yield event;
        }
      })();
    },
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
    summary: 'Events of the log, oldest first',
    request: { query: eventsQuery },
    responses: { 200: json(eventPage, 'One page; pass `next` as `after`'), ...problems },
  });
  openAPIRegistry.registerPath({
    ...common,
    method: 'get',
    path: '/v1/events/stream',
    summary: 'Events as they are appended; resumes by Last-Event-ID',
    request: { query: streamQuery },
    responses: {
      200: {
        description: '`id` is the position',
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
    request: { body: { required: true, content: { 'application/json': { schema: appendBody } } } },
    responses: {
      200: json(appendReply, 'Known already: nothing was appended'),
      201: json(appendReply, 'Appended and durable'),
      ...problems,
    },
  });
}
