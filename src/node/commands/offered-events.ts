import { whySegmentIsClosed } from '../../app/index.ts';
import { type Clock, derivedId, isoNow, isUuid } from '../../kit/index.ts';
import { type EventDraft, eventDraftSchema, type JsonObject, type OfferedEvent } from '../../log/index.ts';
import {
  type DomainEvents,
  type DomainEventType,
  domainEvent,
  isDomainType,
  type OfficeState,
} from '../../state/index.ts';
import { requireInForce } from '../credentials/principal.ts';
import { appendScope } from '../credentials/roles.ts';
import { nodeError } from '../errors.ts';
import { type Asker, idFor } from './idempotency.ts';

/** What a supervisor may say, all of it about its own host. */
const OBSERVATIONS: ReadonlySet<DomainEventType> = new Set<DomainEventType>([
  'assignment_applied',
  'assignment_failed',
  'app_started',
  'app_stopped',
  'app_idled',
  'app_crashed',
  'app_restart_changed',
  'app_purged',
  'egress_denied',
  'delivery_succeeded',
  'delivery_failed',
]);

/**
 * Types that are the platform's although this version does not know them (CONTRACTS §6): said today from outside they
 * would look like its own to a later one.
 */
const NOT_YET_KNOWN: ReadonlySet<string> = new Set([
  ...['supervisor_left', 'llm_call_completed', 'chat_started', 'chat_message_posted'],
  ...['integration_registered', 'integration_removed'],
]);

/**
 * Ids that the platform derives (UUID v5) could be taken before it needs them, and the event it meant would count as a
 * repeat. So what comes from outside brings an id that nobody can foresee: UUID v7, or v4.
 */
const UNFORESEEN = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * The event that is appended for what an outside token offers. Actor, source, tenant and time are the platform's; of a
 * supervisor's observation the segment and the subject as well, and its time is when the host observed it; a host serves several offices, and what it observes of
 * an app belongs to the app's.
 *
 * @param state tells whose an app is
 * @throws not_allowed; request_invalid; event_invalid; credential_missing when the credential ended while the body came in
 */
export function draftOf(
  asker: Asker,
  offered: OfferedEvent,
  clock: Clock,
  state: Pick<OfficeState, 'apps' | 'supervisors'>,
): EventDraft {
  requireInForce(asker.principal);
  return asker.principal.kind === 'supervisor'
    ? observation(asker, offered, clock, state)
    : outsideEvent(asker, offered, clock);
}

function observation(
  { principal }: Asker,
  offered: OfferedEvent,
  clock: Clock,
  { apps, supervisors }: Pick<OfficeState, 'apps' | 'supervisors'>,
): EventDraft {
  const { id, type, data, segment, time } = offered;
  if (typeof type !== 'string' || !isDomainType(type) || !OBSERVATIONS.has(type)) {
    throw notAllowed(`a supervisor does not say ${JSON.stringify(type)}`);
  }
  const { app: uuid, generation } = (data ?? {}) as { readonly app?: unknown; readonly generation?: unknown };
  const app = apps.get(String(uuid));
  const assignment = app?.placements.get(principal.name)?.assignment;
  if (app === undefined || assignment === undefined) {
    throw notAllowed(`the app it is about is not placed on the supervisor '${principal.name}'`);
  }
  // What is known of the highest generation stays: the word of one to come would outlive the host that said it.
  if (typeof generation === 'number' && generation > assignment.generation) {
    throw notAllowed(`the app was never given to a host as generation ${generation}`);
  }
  const draft = domainEvent(type, data as DomainEvents[typeof type], {
    actor: principal.actor,
    source: `/supervisors/${principal.name}`,
    office: app.office,
    supervisor: principal.name,
    clock: { now: () => observedAt(time, supervisors.get(principal.name)?.joinedAt, clock) },
    ...(id === undefined ? {} : { id: ownId(principal.name, id) }),
  });
  if (segment !== undefined && segment !== draft.segment) {
    throw notAllowed(`the supervisor '${principal.name}' speaks on ${draft.segment} only`);
  }
  return draft;
}

/**
 * When it was observed (CONTRACTS §8): a host tells what happened while the node was away later. Never in the future, where
 * the host's clock goes ahead, and never before the host was there.
 */
function observedAt(time: unknown, joinedAt: string | undefined, clock: Clock): number {
  const now = clock.now();
  const said = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(said) || joinedAt === undefined) return now;
  return Math.min(Math.max(said, Date.parse(joinedAt)), now);
}

/**
 * A host's ids follow from what it observes, so that saying it again appends nothing. Here they become ids of that host
 * alone: it must not take one that the platform, or another host, will derive for an event of its own.
 */
function ownId(supervisor: string, id: unknown): string {
  if (typeof id === 'string' && isUuid(id)) return derivedId(id, `/supervisors/${supervisor}`);
  throw nodeError('request_invalid', {
    what: 'The id of the event cannot be used',
    why: 'it is not a UUID',
    hint: 'Send a UUID that follows from what was observed',
  });
}

function outsideEvent(asker: Asker, offered: OfferedEvent, clock: Clock): EventDraft {
  const { type, segment, data } = offered;
  const { actor, kind, name, office, scopes } = asker.principal;
  if (typeof type !== 'string' || typeof segment !== 'string') {
    throw nodeError('request_invalid', {
      what: 'The event has no type or no segment',
      hint: 'Send {"event":{"type":…,"segment":…,"data":{…}}}',
    });
  }
  if (isDomainType(type) || NOT_YET_KNOWN.has(type)) throw notAllowed(`${type} is the platform's to say`);
  const closed = whySegmentIsClosed(segment, office);
  if (closed !== null) throw notAllowed(closed);
  const administers = kind === 'person' && scopes.has('admin');
  if (!administers && !scopes.has(appendScope(segment))) {
    throw notAllowed(`the credential of '${name}' has not the scope \`${appendScope(segment)}\``);
  }
  const { id, subject, dataschema, dataref } = offered;
  if (id !== undefined && !(typeof id === 'string' && UNFORESEEN.test(id))) {
    throw nodeError('request_invalid', {
      what: 'The id of the event cannot be used',
      why: 'an event from outside has a UUID v7 (or v4) in lower-case letters as its id',
      hint: 'Leave it out, and send an Idempotency-Key where the event may be sent again',
    });
  }
  const draft = eventDraftSchema.safeParse({
    id: typeof id === 'string' ? id : idFor(asker, `event ${segment} ${type}`),
    source: '/node',
    type,
    // set by the platform (CONTRACTS §6); who administers the office may say what it is about
    subject: administers && typeof subject === 'string' ? subject : kind === 'app' ? `app/${name}` : actor,
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
  return nodeError('not_allowed', {
    what: 'The event was not appended',
    why,
    hint: 'Say events of your own office, on a segment for which the credential has the scope `events:append:<segment>`',
  });
}
