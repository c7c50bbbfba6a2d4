import { z } from 'zod';
import type { StoredEvent } from '../envelope.ts';
import { MAX_PAGE } from '../filter.ts';

const position = z.coerce.number().int().min(0);
const oneOrMore = z.union([z.string(), z.array(z.string())]);

/** Query of `GET /v1/events/stream`: a filter and a cursor. `segment` and `type` may be repeated. */
export const streamQuery = z.object({
  /** Only positions greater than this. */
  after: position.optional(),
  /** The same, by the first position that is wanted. */
  from: position.optional(),
  /** Pattern; `*` stands for any run of characters within one token. */
  segment: oneOrMore.optional(),
  type: oneOrMore.optional(),
  subject: z.string().optional(),
  /** Who said it, e.g. `user:owner`. */
  actor: z.string().optional(),
  class: z.enum(['office', 'traffic']).optional(),
});

/** Query of `GET /v1/events`. */
export const eventsQuery = streamQuery.extend({
  /** Only positions smaller than this. */
  before: position.optional(),
  /** Only what the log took in at this time or later, RFC 3339. */
  since: z.string().optional(),
  /** Only what the log took in before this time, RFC 3339. */
  until: z.string().optional(),
  order: z.enum(['oldest', 'newest']).optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).optional(),
});

/** Answer of `GET /v1/events`; its events were checked when they were appended. */
export const pageReply = z.object({
  events: z.array(z.custom<StoredEvent>((event) => typeof event === 'object' && event !== null)),
  next: z.number().int().nullable(),
  head: z.number().int(),
  damaged: z.array(z.number().int()),
});

/** Body of `POST /v1/events`. What the platform sets of an event may be missing from what an outside token offers. */
export const appendBody = z.object({
  event: z.looseObject({}),
  expected_position: z.number().int().min(0).optional(),
});

export const appendReply = z.object({ position: z.number().int(), duplicate: z.boolean() });

/** An event as it was offered: unchecked apart from being an object. */
export type OfferedEvent = Readonly<Record<string, unknown>>;

/** Answer of `PUT /v1/blobs/{digest}`. */
export const blobReply = z.object({
  digest: z.string(),
  size: z.number().int(),
  mediatype: z.string(),
});
