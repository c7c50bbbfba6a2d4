import { type Clock, isoNow } from '../../kit/index.ts';
import { type EventDraft, eventDraftSchema, type JsonObject, type OfferedEvent } from '../../log/index.ts';
import {
  type DomainEvents,
  type DomainEventType,
  domainEvent,
  isDomainType,
  type OfficeState,
} from '../../state/index.ts';
import { nodeError } from '../errors.ts';
import { type Asker, idFor } from './idempotency.ts';

/** What a supervisor may say, all of it about its own host. */
const OBSERVATIONS: ReadonlySet<DomainEventType> = new Set<DomainEventType>([
  'assignment_applied',
  'assignment_failed',
  'app_started',
  'app_stopped',
  'app_crashed',
]);

/** Segments that only the platform writes (CONTRACTS §6). */
const RESERVED = /^(platform\.|tenant_[^.]+\.(apps|secrets|approvals|members)(\.|$))/;

/**
 * The event that is appended for what an outside token offers. Actor, source, tenant and time are the platform's, of a
 * supervisor's observation the segment and the subject as well; a host serves several offices, and what it observes of
 * an app belongs to the app's.
 *
 * @param state tells whose an app is
 * @throws not_allowed; request_invalid; event_invalid
 */
export function draftOf(
  asker: Asker,
  offered: OfferedEvent,
  clock: Clock,
  state: Pick<OfficeState, 'apps'>,
): EventDraft {
  return asker.principal.kind === 'supervisor'
    ? observation(asker, offered, clock, state)
    : outsideEvent(asker, offered, clock);
}

function observation(
  { principal }: Asker,
  offered: OfferedEvent,
  clock: Clock,
  { apps }: Pick<OfficeState, 'apps'>,
): EventDraft {
  const { id, type, data, segment } = offered;
  if (typeof type !== 'string' || !isDomainType(type) || !OBSERVATIONS.has(type)) {
    throw notAllowed(`a supervisor does not say ${JSON.stringify(type)}`);
  }
  const app = (data as { app?: unknown } | undefined)?.app;
  const draft = domainEvent(type, data as DomainEvents[typeof type], {
    actor: principal.actor,
    source: `/supervisors/${principal.name}`,
    office: (typeof app === 'string' ? apps.get(app)?.office : undefined) ?? principal.office,
    supervisor: principal.name,
    clock,
    ...(typeof id === 'string' ? { id } : {}),
  });
  if (segment !== undefined && segment !== draft.segment) {
    throw notAllowed(`the supervisor '${principal.name}' speaks on ${draft.segment} only`);
  }
  return draft;
}

function outsideEvent(asker: Asker, offered: OfferedEvent, clock: Clock): EventDraft {
  const { type, segment, data } = offered;
  const { actor, office } = asker.principal;
  if (typeof type !== 'string' || typeof segment !== 'string') {
    throw nodeError('request_invalid', {
      what: 'The event has no type or no segment',
      hint: 'Send {"event":{"type":…,"segment":…,"data":{…}}}',
    });
  }
  if (isDomainType(type) || RESERVED.test(segment))
    throw notAllowed(`${type} on ${segment} is the platform's to say`);
  if (!segment.startsWith(`tenant_${office}.`))
    throw notAllowed(`${segment} is not of the office '${office}'`);
  const { id, subject, dataschema, dataref } = offered;
  const draft = eventDraftSchema.safeParse({
    id: typeof id === 'string' ? id : idFor(asker, `event ${segment} ${type}`),
    source: '/node',
    type,
    subject: typeof subject === 'string' ? subject : actor,
    time: isoNow(clock),
    dataschema: typeof dataschema === 'string' ? dataschema : `tabbify:${type}/1`,
    data: (data ?? {}) as JsonObject,
    segment,
    tenant: office,
    actor,
    class: 'traffic',
    ...(dataref === undefined ? {} : { dataref }),
  });
  if (draft.success) return draft.data as EventDraft;
  const [first] = draft.error.issues;
  throw nodeError('request_invalid', {
    what: 'The event cannot be appended',
    why: `\`${first?.path.join('.')}\`: ${first?.message}`,
  });
}

function notAllowed(why: string) {
  return nodeError('not_allowed', { what: 'The event was not appended', why });
}
