import fc from 'fast-check';
import type { StoredEvent } from '../../log/index.ts';
import type { DomainEvents, DomainEventType } from '../events.ts';
import { domainTypes } from '../registry.ts';
import { digest, historian } from './examples.ts';

/** Few of everything, so that events meet: same apps, names, generations and deployments. */
interface Draw {
  readonly type: DomainEventType;
  readonly app: number;
  readonly small: number;
  readonly other: number;
  readonly flag: boolean;
}

/** Those without which nothing else has an effect come more often. */
const anyType = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.constantFrom<DomainEventType>(
      'app_registered',
      'app_assigned',
      'deployment_requested',
      'artifact_built',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(domainTypes) as DomainEventType[])) },
);

const anyDraw: fc.Arbitrary<Draw> = fc.record({
  type: anyType,
  app: fc.nat(1),
  small: fc.integer({ min: 1, max: 3 }),
  other: fc.integer({ min: 1, max: 2 }),
  flag: fc.boolean(),
});

/** `size`: as long as it may be more often than short, or nothing comes of most histories. */
const drawsUpTo = (maxLength: number) => fc.array(anyDraw, { maxLength, size: 'max' });

/** Histories of valid events in any order, sensible or not. */
export const anyHistory: fc.Arbitrary<StoredEvent[]> = drawsUpTo(80).map((draws) => historyOf(draws, 0));

/**
 * Histories that have nothing in common: no app, name, address, deployment, credential, office or host of one occurs in
 * another.
 */
export const independentHistories: fc.Arbitrary<StoredEvent[][]> = fc
  .array(drawsUpTo(50), { minLength: 2, maxLength: 3 })
  .map((units) => units.map((draws, unit) => historyOf(draws, unit + 1)));

/**
 * One history out of several, each in its own order; positions are given anew.
 *
 * @param picks which history goes on next, taken modulo those that are not at their end
 */
export function interleaved(
  histories: readonly (readonly StoredEvent[])[],
  picks: Iterator<number>,
): StoredEvent[] {
  const rest = histories.map((history) => [...history]);
  const events: StoredEvent[] = [];
  for (;;) {
    const open = rest.filter((history) => history.length > 0);
    const next = open[Number(picks.next().value) % open.length]?.shift();
    if (next === undefined) return events;
    events.push({ ...next, position: events.length + 1 });
  }
}

/** @param unit 0: names that other histories have too; otherwise part of every name */
function historyOf(draws: readonly Draw[], unit: number): StoredEvent[] {
  const { events, say } = historian();
  for (const draw of draws) {
    const supervisor = `host-${unit}-${draw.other}`;
    const observed = domainTypes[draw.type].saidBy === 'supervisor';
    say(draw.type, changeOf(draw, unit, supervisor), {
      ...(observed ? { actor: `supervisor:${supervisor}` } : {}),
      clock: { now: () => events.length * 1000 },
    });
  }
  return events;
}

function changeOf({ type, app, small, other, flag }: Draw, unit: number, supervisor: string) {
  const uuid = (kind: string, n: number) => `0191e7c2-${kind}-7222-8333-0000000000${unit}${n}`;
  const change: Partial<DomainEvents[DomainEventType]> & Record<string, unknown> = {};
  const fields: Record<string, unknown> = {
    app: uuid('1111', app),
    slug: `app-${unit}-${flag ? app : other}`,
    ula: `fd5a:1f02:44a5:240b:${unit}::${flag ? app + 1 : other}`,
    office: `office-${unit}-${small}`,
    credential_id: uuid('cccc', small),
    approval_id: uuid('eeee', small),
    token_sha256: digest(unit * 16 + other),
    session_id: uuid('5555', small),
    secret_sha256: digest(unit * 16 + small),
    name: type === 'supervisor_joined' ? supervisor : `Name ${other}`,
    version: small,
    digest: digest(small),
    version_digest: digest(small),
    deployment_id: uuid('dddd', small),
    generation: other,
    supervisor,
    pid: 100 + small,
    adopted: flag,
    data: flag,
    leave_data: flag,
    outcome: flag ? 'running' : 'idle',
  };
  for (const key of fieldsOf[type]) change[key] = fields[key];
  return change;
}

/** Fields of each type that vary. */
const fieldsOf: Record<DomainEventType, readonly string[]> = {
  office_created: ['office', 'name'],
  credential_issued: ['credential_id', 'token_sha256', 'name'],
  credential_revoked: ['credential_id'],
  session_started: ['session_id', 'credential_id', 'secret_sha256'],
  session_used: ['session_id'],
  session_ended: ['session_id'],
  request_refused: ['credential_id'],
  payload_erased: [],
  projections_rebuilt: [],
  approval_requested: ['approval_id', 'app', 'deployment_id', 'version', 'digest'],
  approval_granted: ['approval_id'],
  approval_denied: ['approval_id'],
  approval_expired: ['approval_id'],
  grant_revoked: ['app'],
  app_grant_changed: ['app', 'supervisor'],
  policy_set: [],
  secret_registered: ['name', 'version'],
  secret_deleted: ['name', 'version'],
  delivery_succeeded: ['app'],
  delivery_failed: ['app'],
  supervisor_joined: ['name'],
  app_registered: ['app', 'slug', 'ula', 'name'],
  version_published: ['app', 'version', 'digest', 'name'],
  artifact_built: ['app', 'version', 'version_digest'],
  deployment_requested: ['app', 'deployment_id', 'version', 'digest', 'leave_data'],
  deployment_build_started: ['app', 'deployment_id', 'version'],
  deployment_placed: ['app', 'deployment_id', 'version', 'generation'],
  deployment_target_failed: ['app', 'deployment_id', 'version', 'supervisor'],
  deployment_succeeded: ['app', 'deployment_id', 'version'],
  deployment_failed: ['app', 'deployment_id', 'version'],
  version_removed: ['app', 'version'],
  deployment_cancelled: ['app', 'deployment_id', 'version'],
  deployment_superseded: ['app', 'deployment_id', 'version'],
  app_taken_down: ['app', 'deployment_id'],
  app_assigned: ['app', 'deployment_id', 'version', 'generation', 'supervisor'],
  app_start_requested: ['app', 'supervisor'],
  app_stop_requested: ['app', 'supervisor'],
  app_restart_requested: ['app', 'supervisor'],
  app_reset_requested: ['app', 'supervisor'],
  app_purge_requested: ['app', 'supervisor', 'data'],
  assignment_applied: ['app', 'generation', 'outcome'],
  assignment_failed: ['app', 'generation'],
  app_started: ['app', 'version', 'generation', 'pid', 'adopted'],
  app_stopped: ['app', 'generation'],
  app_idled: ['app', 'generation'],
  app_restart_changed: ['app', 'generation'],
  app_purged: ['app', 'generation'],
  egress_denied: ['app', 'generation'],
  app_crashed: ['app', 'generation'],
};

/** Makes every write to a value an error. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
