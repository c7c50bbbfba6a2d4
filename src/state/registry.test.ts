import { expect, test } from 'vitest';
import { eventDraftSchema } from '../log/index.ts';
import { domainEvent } from './domain-event.ts';
import type { DomainEventType } from './events.ts';
import { assertDomainEvent, classOf, dataschemaOf, domainTypes } from './registry.ts';
import { APP, APPROVAL, CREDENTIAL, contextOf, DEPLOYMENT, examples, SESSION } from './testing/examples.ts';

const types = Object.keys(domainTypes) as DomainEventType[];

/** Where each type is appended, as `events.ts` says. */
const places: Record<DomainEventType, [segment: string, subject: string]> = {
  office_created: ['tenant_acme.members', 'office/acme'],
  credential_issued: ['tenant_acme.members', `credential/${CREDENTIAL}`],
  credential_revoked: ['tenant_acme.members', `credential/${CREDENTIAL}`],
  session_started: ['tenant_acme.members', `session/${SESSION}`],
  session_used: ['tenant_acme.members', `session/${SESSION}`],
  session_ended: ['tenant_acme.members', `session/${SESSION}`],
  request_refused: ['tenant_acme.audit', `credential/${CREDENTIAL}`],
  payload_erased: ['tenant_acme.audit', `app/${APP}`],
  secret_registered: ['tenant_acme.secrets', 'secret/anthropic_api_key'],
  secret_deleted: ['tenant_acme.secrets', 'secret/anthropic_api_key'],
  approval_requested: ['tenant_acme.approvals', `approval/${APPROVAL}`],
  approval_granted: ['tenant_acme.approvals', `approval/${APPROVAL}`],
  approval_denied: ['tenant_acme.approvals', `approval/${APPROVAL}`],
  approval_expired: ['tenant_acme.approvals', `approval/${APPROVAL}`],
  grant_revoked: ['tenant_acme.approvals', `app/${APP}`],
  app_grant_changed: ['platform.hosts.local', `app/${APP}`],
  policy_set: ['tenant_acme.approvals', 'office/acme'],
  projections_rebuilt: ['tenant_acme.audit', 'office/acme'],
  delivery_succeeded: ['platform.hosts.local', `app/${APP}`],
  delivery_failed: ['platform.hosts.local', `app/${APP}`],
  supervisor_joined: ['platform.hosts.local', 'supervisor/local'],
  app_registered: ['tenant_acme.apps', `app/${APP}`],
  version_published: ['tenant_acme.apps', `app/${APP}`],
  artifact_built: ['tenant_acme.apps', `app/${APP}`],
  deployment_requested: ['tenant_acme.apps', `app/${APP}`],
  version_removed: ['tenant_acme.apps', `app/${APP}`],
  deployment_placed: ['tenant_acme.apps', `app/${APP}`],
  deployment_target_failed: ['tenant_acme.apps', `app/${APP}`],
  deployment_build_started: ['tenant_acme.apps', `app/${APP}`],
  deployment_succeeded: ['tenant_acme.apps', `app/${APP}`],
  deployment_failed: ['tenant_acme.apps', `app/${APP}`],
  deployment_cancelled: ['tenant_acme.apps', `app/${APP}`],
  deployment_superseded: ['tenant_acme.apps', `app/${APP}`],
  app_taken_down: ['tenant_acme.apps', `app/${APP}`],
  app_assigned: ['platform.hosts.local', `app/${APP}`],
  app_start_requested: ['platform.hosts.local', `app/${APP}`],
  app_stop_requested: ['platform.hosts.local', `app/${APP}`],
  app_restart_requested: ['platform.hosts.local', `app/${APP}`],
  app_reset_requested: ['platform.hosts.local', `app/${APP}`],
  app_purge_requested: ['platform.hosts.local', `app/${APP}`],
  assignment_applied: ['platform.hosts.local', `app/${APP}`],
  assignment_failed: ['platform.hosts.local', `app/${APP}`],
  app_started: ['platform.hosts.local', `app/${APP}`],
  app_stopped: ['platform.hosts.local', `app/${APP}`],
  app_idled: ['platform.hosts.local', `app/${APP}`],
  app_restart_changed: ['platform.hosts.local', `app/${APP}`],
  app_purged: ['platform.hosts.local', `app/${APP}`],
  egress_denied: ['platform.hosts.local', `app/${APP}`],
  app_crashed: ['platform.hosts.local', `app/${APP}`],
};

test.each(types)('%s is built as a valid envelope, on its segment and subject, with its schema', (type) => {
  const draft = domainEvent(type, examples[type], { ...contextOf(type), office: 'acme' });
  expect(eventDraftSchema.safeParse(draft).error).toBeUndefined();
  expect([draft.segment, draft.subject]).toEqual(places[type]);
  expect(draft).toMatchObject({
    type,
    dataschema: dataschemaOf(type),
    tenant: 'acme',
    data: examples[type],
  });
  expect(draft.class ?? 'office').toBe(classOf(type));
});

test.each(types)('%s with a field missing, added or of another type is refused, naming the field', (type) => {
  const data: Record<string, unknown> = { ...examples[type] };
  const [field = ''] = Object.keys(data);
  const { [field]: _, ...less } = data;
  const wrong: [Record<string, unknown>, string][] = [
    [less, field],
    [{ ...data, [field]: { not: 'this' } }, field],
    [{ ...data, surprise: 1 }, 'surprise'],
  ];
  for (const [changed, named] of wrong) {
    let error: unknown;
    try {
      assertDomainEvent({ type, dataschema: dataschemaOf(type), data: changed as never });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'event_invalid', status: 400 });
    expect((error as Error).message).toContain(named);
  }
});

test('an unknown type and a schema of another number are refused', () => {
  const { deployment_succeeded: data } = examples;
  const check = (type: string, dataschema: string) => () => assertDomainEvent({ type, dataschema, data });
  expect(check('app_vanished', 'tabbify:app_vanished/1')).toThrow('not a domain type');
  expect(check('deployment_succeeded', 'tabbify:deployment_succeeded/2')).toThrow('this version writes');
  expect(check('deployment_succeeded', 'tabbify:deployment_succeeded/1')).not.toThrow();
  expect(check('toString', 'tabbify:toString/1')).toThrow('not a domain type');
});

test('id, clock, cause and correlation are taken over; without them id and time are new', () => {
  const context = {
    actor: 'system',
    source: '/node',
    id: DEPLOYMENT,
    causationid: 'cause',
    correlationid: 'whole',
    clock: { now: () => 0 },
  };
  expect(domainEvent('supervisor_joined', examples.supervisor_joined, context)).toMatchObject({
    id: DEPLOYMENT,
    time: '1970-01-01T00:00:00.000Z',
    causationid: 'cause',
    correlationid: 'whole',
  });
  const plain = domainEvent('supervisor_joined', examples.supervisor_joined, {
    actor: 'system',
    source: '/n',
  });
  expect(Object.keys(plain)).not.toContain('causationid');
  expect(plain.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
});

test('an observation needs a host: its actor, or one that is named', () => {
  const say = (context: object) =>
    domainEvent('app_started', examples.app_started, { actor: 'system', source: '/node', ...context })
      .segment;
  expect(() => say({})).toThrow("host's segment");
  expect(say({ supervisor: 'far' })).toBe('platform.hosts.far');
  expect(say({ actor: 'supervisor:near' })).toBe('platform.hosts.near');
});
