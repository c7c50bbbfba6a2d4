import { type Clock, isoNow, newId, systemClock } from '../kit/index.ts';
import type { EventDraft, JsonObject } from '../log/index.ts';
import { stateError } from './errors.ts';
import type { DomainEvents, DomainEventType } from './events.ts';
import { assertDomainEvent, dataschemaOf, domainTypeOf } from './registry.ts';

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
 * Builds a domain event, ready to be appended: class, segment and subject follow from the type (`docs/events.md`).
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
  const { office = 'default' } = context;
  const known = domainTypeOf(type);
  // The shapes of DomainEvents are JSON; interfaces lack the index signature that says so.
  const fields = data as unknown as JsonObject;
  const draft: EventDraft = {
    id: context.id ?? newId(),
    source: context.source,
    type,
    subject: filled(known.subject, (name) => fields[name] ?? (name === 'office' ? office : undefined)),
    time: isoNow(context.clock ?? systemClock),
    dataschema: dataschemaOf(type),
    data: fields,
    segment: filled(known.segment, (name) => (name === 'office' ? office : hostOf(type, fields, context))),
    tenant: office,
    actor: context.actor,
    ...(context.causationid !== undefined && { causationid: context.causationid }),
    ...(context.correlationid !== undefined && { correlationid: context.correlationid }),
    ...(known.class === 'traffic' && { class: 'traffic' as const }),
  };
  assertDomainEvent(draft);
  return draft;
}

/** Puts values in the place of `<name>`. */
function filled(template: string, fieldOf: (name: string) => unknown): string {
  return template.replace(/<(\w+)>/g, (_, name: string) => String(fieldOf(name)));
}

/** The host that an event is about: named by its data, by the writer, or speaking itself. */
function hostOf(type: DomainEventType, data: JsonObject, context: DomainEventContext): unknown {
  const named = data.supervisor ?? (type === 'supervisor_joined' ? data.name : context.supervisor);
  const host = named ?? /^supervisor:(.+)$/.exec(context.actor)?.[1];
  if (host !== undefined) return host;
  throw stateError('event_invalid', {
    what: `The ${type} event has no segment`,
    why: `it is said on a host's segment and the actor is ${context.actor}`,
    hint: 'Pass the name of the supervisor',
  });
}
