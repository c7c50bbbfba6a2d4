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

const anyDraw: fc.Arbitrary<Draw> = fc.record({
  type: fc.constantFrom(...(Object.keys(domainTypes) as DomainEventType[])),
  app: fc.nat(2),
  small: fc.integer({ min: 1, max: 4 }),
  other: fc.integer({ min: 1, max: 3 }),
  flag: fc.boolean(),
});

/** Histories of valid events in any order, sensible or not. */
export const anyHistory: fc.Arbitrary<StoredEvent[]> = fc.array(anyDraw, { maxLength: 60 }).map((draws) => {
  const { events, say } = historian();
  for (const draw of draws) {
    const supervisor = `host-${draw.other}`;
    const observed = /^(assignment_|app_(started|stopped|crashed))/.test(draw.type);
    say(draw.type, changeOf(draw, supervisor), observed ? { actor: `supervisor:${supervisor}` } : {});
  }
  return events;
});

function changeOf({ type, app, small, other, flag }: Draw, supervisor: string) {
  const uuid = (kind: string, n: number) => `0191e7c2-${kind}-7222-8333-00000000000${n}`;
  const change: Partial<DomainEvents[DomainEventType]> & Record<string, unknown> = {};
  const fields: Record<string, unknown> = {
    app: uuid('1111', app),
    slug: `app-${flag ? app : other}`,
    ula: `fd5a:1f02:44a5:240b:121a::${flag ? app + 1 : other}`,
    office: `office-${small}`,
    credential_id: uuid('cccc', small),
    token_sha256: digest(other),
    name: type === 'supervisor_joined' ? supervisor : `Name ${other}`,
    version: small,
    digest: digest(small),
    version_digest: digest(small),
    deployment_id: uuid('dddd', small),
    generation: other,
    supervisor,
    pid: 100 + small,
    adopted: flag,
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
  request_refused: ['credential_id'],
  payload_erased: [],
  projections_rebuilt: [],
  delivery_succeeded: ['app'],
  delivery_failed: ['app'],
  supervisor_joined: ['name'],
  app_registered: ['app', 'slug', 'ula', 'name'],
  version_published: ['app', 'version', 'digest', 'name'],
  artifact_built: ['app', 'version', 'version_digest'],
  deployment_requested: ['app', 'deployment_id', 'version', 'digest'],
  deployment_succeeded: ['app', 'deployment_id', 'version'],
  deployment_failed: ['app', 'deployment_id', 'version'],
  app_assigned: ['app', 'deployment_id', 'version', 'generation', 'supervisor'],
  app_start_requested: ['app', 'supervisor'],
  app_stop_requested: ['app', 'supervisor'],
  assignment_applied: ['app', 'generation', 'outcome'],
  assignment_failed: ['app', 'generation'],
  app_started: ['app', 'version', 'generation', 'pid', 'adopted'],
  app_stopped: ['app', 'generation'],
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
