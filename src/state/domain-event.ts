import { type Clock, isoNow, newId, systemClock } from '../kit/index.ts';
import type { EventDraft, JsonObject } from '../log/index.ts';
import { stateError } from './errors.ts';
import type { DomainEvents, DomainEventType } from './events.ts';
import { assertDomainEvent, dataschemaOf } from './registry.ts';
import { hostSegment, officeSegment } from './segments.ts';

/** Who says it, and what it follows from. */
export interface DomainEventContext {
  /** `user:…`, `agent:…`, `supervisor:…` or `system`. */
  readonly actor: string;
  /** URI reference of the part that speaks, e.g. `/node`. */
  readonly source: string;
  /** The office's slug; default `default`. */
  readonly office?: string;
  /**
   * Host on whose segment it is said. Default: the `supervisor` of the data, else the actor `supervisor:<name>`.
   */
  readonly supervisor?: string;
  /** Idempotency key; default a new UUID v7. A reaction passes `derivedId(cause, name)`. */
  readonly id?: string;
  readonly causationid?: string;
  readonly correlationid?: string;
  readonly clock?: Clock;
}

/**
 * Builds a domain event, ready to be appended: segment and subject follow from the type (`events.ts`).
 *
 * @throws TabbifyError `event_invalid` when the data does not have the type's shape, or no host is known
 * @example
 * await log.append(domainEvent('app_registered', { app, name, slug, ula }, { actor: 'user:owner', source: '/node' }));
 */
export function domainEvent<Type extends DomainEventType>(
  type: Type,
  data: DomainEvents[Type],
  context: DomainEventContext,
): EventDraft {
  const office = context.office ?? 'default';
  const draft: EventDraft = {
    id: context.id ?? newId(),
    source: context.source,
    type,
    subject: subjectOf(data),
    time: isoNow(context.clock ?? systemClock),
    dataschema: dataschemaOf(type),
    // The shapes of DomainEvents are JSON; interfaces lack the index signature that says so.
    data: data as unknown as JsonObject,
    segment: segmentOf(type, data, office, context),
    tenant: office,
    actor: context.actor,
    ...(context.causationid !== undefined && { causationid: context.causationid }),
    ...(context.correlationid !== undefined && { correlationid: context.correlationid }),
  };
  assertDomainEvent(draft);
  return draft;
}

/** Types said on the segment of a host (`events.ts`). */
const HOST_TYPES: ReadonlySet<DomainEventType> = new Set<DomainEventType>([
  'supervisor_joined',
  'app_assigned',
  'app_start_requested',
  'app_stop_requested',
  'assignment_applied',
  'assignment_failed',
  'app_started',
  'app_stopped',
  'app_crashed',
]);

function subjectOf(data: DomainEvents[DomainEventType]): string {
  if ('credential_id' in data) return `credential/${data.credential_id}`;
  return 'app' in data ? `app/${data.app}` : `supervisor/${data.name}`;
}

function segmentOf(
  type: DomainEventType,
  data: DomainEvents[DomainEventType],
  office: string,
  context: DomainEventContext,
): string {
  if (type === 'credential_issued') return officeSegment(office, 'members');
  if (!HOST_TYPES.has(type)) return officeSegment(office, 'apps');
  const named = 'supervisor' in data ? data.supervisor : 'tags' in data ? data.name : context.supervisor;
  const host = named ?? /^supervisor:(.+)$/.exec(context.actor)?.[1];
  if (host !== undefined) return hostSegment(host);
  throw stateError('event_invalid', {
    what: `The ${type} event has no segment`,
    why: `it is said on a host's segment and the actor is ${context.actor}`,
    hint: 'Pass the name of the supervisor',
  });
}
