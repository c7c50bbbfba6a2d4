import { z } from 'zod';
import type { NodeAddress } from './address.ts';
import { serverSentEvents } from './event-stream.ts';
import { type EventReply, eventsReply, storedEvent } from './replies.ts';
import { call, callJson } from './request.ts';

/** Which events; what is left out does not restrict. */
export interface EventFilterQuery {
  readonly segment?: string;
  readonly type?: string;
  readonly subject?: string;
  readonly actor?: string;
}

/** A page of events. */
export interface EventQuery extends EventFilterQuery {
  /** Only positions greater than this. */
  readonly after?: number;
  /** Only positions smaller than this. */
  readonly before?: number;
  /** RFC 3339. */
  readonly since?: string;
  readonly until?: string;
  /** Words and "quoted phrases". */
  readonly q?: string;
  readonly order?: 'oldest' | 'newest';
  readonly limit: number;
}

export type EventPageReply = z.infer<typeof eventsReply>;

/** What a stream of events carries. */
export type StreamedEvent =
  | { readonly kind: 'event'; readonly event: EventReply }
  | { readonly kind: 'gap'; readonly gap: z.infer<typeof gapFrame> }
  /** The last frame: this reader was too slow; it may come back behind `after`. */
  | { readonly kind: 'cut'; readonly after: number; readonly why: string };

const gapFrame = z.union([
  z.object({ kind: z.literal('erased'), count: z.number().int(), through: z.number().int() }),
  z.object({ kind: z.literal('damaged'), positions: z.array(z.number().int()) }),
]);
const cutFrame = z.object({ after: z.number().int(), why: z.string() });

/** The office as it was. Fields this program does not use are let through unread. */
export const stateReply = z.looseObject({
  position: z.number().int(),
  supervisors: z.array(z.looseObject({ name: z.string(), tags: z.array(z.string()) })),
  apps: z.array(
    z.looseObject({
      uuid: z.string(),
      name: z.string(),
      slug: z.string(),
      latest_version: z.number().int(),
      open_deployments: z.array(z.string()),
      in_place: z.string().nullish(),
      placements: z.array(
        z.looseObject({
          assignment: z.looseObject({
            supervisor: z.string(),
            version: z.number().int(),
            runtime: z.string(),
            stopped: z.boolean(),
            purged: z.boolean(),
            outcome: z.string().nullable(),
          }),
          instance: z.looseObject({ state: z.string() }).nullable(),
        }),
      ),
    }),
  ),
  deployments: z
    .array(z.looseObject({ id: z.string(), version: z.number().int(), results: z.array(z.unknown()) }))
    .default([]),
});
export type StateReply = z.infer<typeof stateReply>;

const projectionsReply = z.object({
  names: z.array(z.string()),
  state: z.enum(['following', 'building', 'unavailable']),
  position: z.number().int(),
  head: z.number().int(),
  why: z.string().nullable(),
});
export type ProjectionsReply = z.infer<typeof projectionsReply>;

/** Events, the state they lead to and what is built from them. */
export interface EventsClient {
  page(query: EventQuery): Promise<EventPageReply>;
  /** Events after the position, then live ones; ends when the node closes the stream or the signal aborts. */
  stream(
    query: EventFilterQuery & { readonly after: number },
    signal?: AbortSignal,
  ): AsyncIterable<StreamedEvent>;
  /** The office as it was at a position, as the text it was sent as. */
  stateAt(position: number): Promise<string>;
  projections(): Promise<ProjectionsReply>;
  rebuildProjections(): Promise<ProjectionsReply>;
}

export function eventsClient(address: NodeAddress): EventsClient {
  return {
    page: (query) => callJson(address, { path: `/v1/events?${parametersOf(query)}` }, eventsReply),
    async *stream(query, signal) {
      const response = await call(address, {
        path: `/v1/events/stream?${parametersOf(query)}`,
        accept: 'text/event-stream',
        ...(signal === undefined ? {} : { signal }),
      });
      for await (const { event, data } of serverSentEvents(response)) {
        if (event === '$gap') yield { kind: 'gap', gap: gapFrame.parse(JSON.parse(data)) };
        else if (event === '$cut') yield { kind: 'cut', ...cutFrame.parse(JSON.parse(data)) };
        else if (event?.startsWith('$') !== true) {
          yield { kind: 'event', event: storedEvent.parse(JSON.parse(data)) };
        }
      }
    },
    async stateAt(position) {
      return (await call(address, { path: `/v1/state?at=${position}` })).text();
    },
    projections: () => callJson(address, { path: '/v1/projections' }, projectionsReply),
    rebuildProjections: () =>
      callJson(address, { method: 'POST', path: '/v1/projections/rebuild', json: {} }, projectionsReply),
  };
}

function parametersOf(query: EventFilterQuery | EventQuery): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters;
}
