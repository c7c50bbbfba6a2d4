import type { StoredEvent } from '../../log/index.ts';
import { type DomainEventContext, domainEvent } from '../domain-event.ts';
import type { DomainEvents, DomainEventType, RunSettings } from '../events.ts';
import { domainTypes } from '../registry.ts';

export const APP = '0191e7c2-1111-7222-8333-444455556666';
export const OTHER_APP = '019e7903-0000-7000-8000-000000000d03';
export const DEPLOYMENT = '0191e7c2-aaaa-7222-8333-000000000001';
export const NEWER_DEPLOYMENT = '0191e7c2-aaaa-7222-8333-000000000002';
export const SESSION = '0191e7c2-5555-7222-8333-000000000001';
export const APPROVAL = '0191e7c2-eeee-7222-8333-000000000001';
export const CREDENTIAL = '0191e7c2-cccc-7222-8333-000000000001';
export const settings: RunSettings = {
  type: 'wasm-http',
  lifecycle: 'on_request',
  idle_timeout_sec: 300,
  memory_mb: 64,
  entry: 'app.wasm',
  main: null,
  fuel_per_request: 1_000_000_000,
  isolation: 'pool',
  health_path: '/',
  health_timeout_sec: 30,
};

/** A digest that tells one thing from another. */
export const digest = (n: number) => n.toString(16).padStart(64, '0');

/** Valid data of every domain type. */
export const examples: { readonly [Type in DomainEventType]: DomainEvents[Type] } = {
  office_created: { office: 'acme', name: 'Acme' },
  credential_issued: {
    credential_id: CREDENTIAL,
    kind: 'person',
    name: 'dana',
    role: 'viewer',
    scopes: ['read'],
    token_sha256: digest(0xabc),
    expires_at: '2027-01-01T00:00:00Z',
  },
  credential_revoked: { credential_id: CREDENTIAL, reason: 'the laptop was lost' },
  session_started: {
    session_id: SESSION,
    credential_id: CREDENTIAL,
    secret_sha256: digest(0x5e55),
    by: 'link',
    browser: 'Firefox on Linux',
    expires_at: '2027-01-01T00:00:00Z',
  },
  session_used: { session_id: SESSION },
  session_ended: { session_id: SESSION, reason: 'signed out' },
  request_refused: {
    credential_id: CREDENTIAL,
    method: 'POST',
    route: '/v1/apps/{uuid}/deploy',
    status: 403,
    code: 'not_allowed',
    suppressed: 2,
  },
  payload_erased: { subject: `app/${APP}`, reason: 'asked', events: 12, bytes: 9000, keys: 1, through: 340 },
  secret_registered: { name: 'anthropic_api_key', kind: 'api-key', version: 1 },
  secret_deleted: { name: 'anthropic_api_key', kind: 'api-key', version: 1 },
  approval_requested: {
    approval_id: APPROVAL,
    kind: 'deployment',
    app: APP,
    deployment_id: DEPLOYMENT,
    version: 1,
    digest: digest(1),
    command: null,
    added: ['secret:stripe_key', 'visibility:public'],
    widened: [{ from: ['http:api.stripe.com'], to: 'http:*.stripe.com' }],
    removed: ['emit:tenant_default.code'],
    difference: digest(0xd1),
    reasons: ['it asks for more than it was granted'],
    doubts: ['unknown key `capabilities.http_allowlist`; did you mean `http_allow_list`?'],
    persons: 1,
    requested_by: 'agent:writer',
    expires_at: '2026-11-22T08:00:00Z',
    policy: '[approvals]\n',
  },
  approval_granted: { approval_id: APPROVAL, difference: digest(0xd1), once: false, complete: true },
  approval_denied: { approval_id: APPROVAL, reason: 'not to everybody' },
  approval_expired: { approval_id: APPROVAL },
  grant_revoked: { app: APP, capability: 'http:*.stripe.com' },
  app_grant_changed: { app: APP, supervisor: 'local' },
  policy_set: { policy: '[approvals]\npersons = 2\n' },
  projections_rebuilt: { names: ['timeline', 'deliveries'] },
  delivery_succeeded: { app: APP, event_position: 17, event_type: 'ExternalWebhookReceived', attempts: 1 },
  delivery_failed: {
    app: APP,
    event_position: 17,
    event_type: 'ExternalWebhookReceived',
    attempts: 3,
    status: 502,
    reason: 'the app answered 502',
    retry_at: '2026-11-21T08:00:40Z',
  },
  supervisor_joined: { name: 'local', tags: ['wasm-http'] },
  app_registered: { app: APP, name: 'Hello', slug: 'hello', ula: 'fd5a:1f02:44a5:240b:121a::1' },
  version_published: {
    app: APP,
    version: 1,
    digest: digest(1),
    files: 3,
    bytes: 1200,
    name: 'Hello',
    visibility: 'public',
    runtime: settings,
    assets: { folder: 'public', alone: false },
    runtime_declared: true,
    env: { GREETING: 'hi' },
    targets: [{ supervisor: 'local', runtime: null, env: {} }],
    requests: ['http:api.stripe.com', 'secret:stripe_key', 'visibility:public'],
    secrets: [{ name: 'stripe_key', env_var: 'STRIPE_KEY', required: true }],
    doubts: ['unknown key `capabilities.http_allowlist`; did you mean `http_allow_list`?'],
    inherited: [],
  },
  version_removed: { app: APP, version: 2, why: 'asked' },
  artifact_built: {
    app: APP,
    version: 1,
    version_digest: digest(1),
    kind: 'wasm-http',
    builder_digest: digest(0xb),
    digest: digest(0xa1),
    prefix: `artifacts/${digest(0xa1)}/`,
    build_ms: 812,
  },
  deployment_requested: {
    app: APP,
    deployment_id: DEPLOYMENT,
    version: 1,
    digest: digest(1),
    targets: null,
    leave_data: false,
  },
  deployment_build_started: { app: APP, deployment_id: DEPLOYMENT, version: 1 },
  deployment_placed: {
    app: APP,
    deployment_id: DEPLOYMENT,
    version: 1,
    generation: 1,
    targets: [
      {
        supervisor: 'local',
        runtime: 'worker',
        env: {},
        address: 'fd5a:1f02:44a5:240b:121a::1',
        wall: { isolation: 'process', limits: { memory: 'enforced', cpu: 'enforced', fuel: 'unsupported' } },
        stands_in_for: null,
      },
      {
        supervisor: 'cloud',
        runtime: 'wasm-http',
        env: { LEVEL: 'debug' },
        address: 'fd5a:1f02:44a5:240b:121a::2',
        wall: {
          isolation: 'wasm-bare',
          limits: { memory: 'enforced', cpu: 'unsupported', fuel: 'enforced' },
        },
        stands_in_for: { runtime: 'worker', why: 'bubblewrap is not installed' },
      },
    ],
  },
  deployment_target_failed: {
    app: APP,
    deployment_id: DEPLOYMENT,
    version: 1,
    supervisor: 'cloud',
    stage: 'starting',
    reason: 'it did not answer',
  },
  deployment_succeeded: { app: APP, deployment_id: DEPLOYMENT, version: 1 },
  deployment_failed: {
    app: APP,
    deployment_id: DEPLOYMENT,
    version: 1,
    stage: 'build',
    reason: 'it does not compile',
    log_tail: ['line 1'],
  },
  deployment_cancelled: { app: APP, deployment_id: DEPLOYMENT, version: 1 },
  deployment_superseded: { app: APP, deployment_id: DEPLOYMENT, version: 1, by: NEWER_DEPLOYMENT },
  app_taken_down: { app: APP, deployment_id: DEPLOYMENT },
  app_assigned: {
    supervisor: 'local',
    app: APP,
    deployment_id: DEPLOYMENT,
    version: 1,
    generation: 1,
    environment: 'production',
    runtime: 'wasm-http',
    settings,
    env: { GREETING: 'hi' },
    artifact_digest: digest(0xa1),
    artifact_prefix: `artifacts/${digest(0xa1)}/`,
    address: 'fd5a:1f02:44a5:240b:121a::1',
  },
  app_start_requested: { app: APP, supervisor: 'local' },
  app_stop_requested: { app: APP, supervisor: 'local' },
  app_restart_requested: { app: APP, supervisor: 'local' },
  app_reset_requested: { app: APP, supervisor: 'local' },
  app_purge_requested: { app: APP, supervisor: 'local', data: true },
  assignment_applied: { app: APP, generation: 1, outcome: 'idle' },
  assignment_failed: {
    app: APP,
    generation: 1,
    stage: 'start',
    reason: 'no memory',
    log_tail: ['out of memory'],
  },
  app_started: { app: APP, version: 1, generation: 1, pid: 4711, adopted: false },
  app_stopped: { app: APP, generation: 1, reason: 'idle' },
  app_idled: { app: APP, generation: 1 },
  app_restart_changed: {
    app: APP,
    generation: 1,
    status: 'backoff',
    failures: 2,
    retry_at: '2026-11-21T08:00:40Z',
  },
  app_purged: { app: APP, generation: 1, purge_position: 999_999 },
  egress_denied: { app: APP, generation: 1, entry: 'api.example.com', times: 3 },
  app_crashed: { app: APP, generation: 1, code: null, signal: 'SIGKILL', log_tail: ['trap'] },
};

/** Who says which type in the tests. */
export function contextOf(type: DomainEventType): DomainEventContext {
  return domainTypes[type].saidBy === 'supervisor'
    ? { actor: 'supervisor:local', source: '/supervisors/local' }
    : { actor: 'user:owner', source: '/node' };
}

/** Writes a history: each call is the event at the next position. */
export function historian() {
  const events: StoredEvent[] = [];
  return {
    events,
    say<Type extends DomainEventType>(
      type: Type,
      change: Partial<DomainEvents[Type]> = {},
      context: Partial<DomainEventContext> = {},
    ): StoredEvent {
      const data = { ...examples[type], ...change };
      const draft = domainEvent(type, data, { ...contextOf(type), ...context });
      const event: StoredEvent = { ...draft, specversion: '1.0', position: events.length + 1 };
      events.push(event);
      return event;
    },
  };
}
