import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject, StoredEvent } from '../log/index.ts';
import type { DomainEventType } from './events.ts';
import { assertDomainEvent, dataschemaOf, domainTypes } from './registry.ts';
import { CREDENTIAL, digest, examples, historian } from './testing/examples.ts';
import { deepFreeze } from './testing/histories.ts';
import { upcast } from './upcast.ts';

const OWNER = ['read', 'deploy', 'data', 'secrets:write', 'approve', 'admin'];
const issued1 = {
  credential_id: CREDENTIAL,
  kind: 'person',
  name: 'owner',
  scopes: OWNER,
  token_sha256: digest(1),
};

function stored(type: string, dataschema: string, data: JsonObject): StoredEvent {
  return { ...historian().say('credential_issued'), type, dataschema, data };
}

const json = (data: object) => data as unknown as JsonObject;

const old = (data: JsonObject) => stored('credential_issued', 'tabbify:credential_issued/1', data);

/** As schema 4 had it, and the same in words of schema 5. */
const { requests: _r, secrets: _s, doubts: _d, inherited: _i, ...bare } = examples.version_published;
const published4 = { ...bare, denied: ['capabilities.http_allow_list'] };
const given = ['host:local', 'visibility:public'];
const withRequests = { ...bare, requests: given, secrets: [], doubts: [], inherited: given };

test('a credential of schema 1 has the role of an owner when it holds all that an owner holds, and never ends', () => {
  const event = deepFreeze(old(issued1));
  expect(upcast(event)).toEqual({
    ...event,
    dataschema: 'tabbify:credential_issued/2',
    data: { ...issued1, role: 'owner', expires_at: null },
  });
  expect(upcast(old({ ...issued1, scopes: OWNER.toReversed() })).data.role).toBe('owner');
  for (const scopes of [[], OWNER.slice(1), [...OWNER, 'events:append:x'], ['read']]) {
    expect(upcast(old({ ...issued1, scopes })).data).toMatchObject({ role: null, expires_at: null, scopes });
  }
});

test('whatever was valid in schema 1 is valid in schema 2', () => {
  const anyIssued1 = fc.record({
    credential_id: fc.uuid({ version: 7 }),
    kind: fc.constantFrom('person', 'supervisor'),
    name: fc.string({ minLength: 1 }),
    scopes: fc.array(fc.oneof(fc.constantFrom(...OWNER), fc.string())),
    token_sha256: fc.nat().map(digest),
  });
  fc.assert(
    fc.property(anyIssued1, (data) => {
      expect(() => assertDomainEvent(upcast(old(data)))).not.toThrow();
    }),
  );
});

test('an artifact for worker is a module; others are called as their runtime', () => {
  const { kind: _, ...built } = examples.artifact_built;
  const upcastKind = (kind: string) =>
    upcast(stored('artifact_built', 'tabbify:artifact_built/1', { ...built, kind })).data.kind;
  expect(['worker', 'wasm-http', 'docker', 'firecracker'].map(upcastKind)).toEqual([
    'module',
    'wasm-http',
    'docker',
    'firecracker',
  ]);
});

test('a version and a decision of schema 1 are valid in schema 2', () => {
  const { runtime_declared: _, assets: ___, ...published } = published4;
  const version = stored('version_published', 'tabbify:version_published/1', json(published));
  expect(upcast(deepFreeze(version)).data).toEqual({
    ...withRequests,
    ...{ runtime_declared: true, assets: null },
  });
  const targets = examples.deployment_placed.targets.map(
    ({ wall: _, stands_in_for: __, ...target }) => target,
  );
  const placed = { ...examples.deployment_placed, targets };
  const decision = upcast(
    deepFreeze(stored('deployment_placed', 'tabbify:deployment_placed/1', json(placed))),
  );
  expect(decision.data.targets).toEqual(
    targets.map((target) => ({ ...target, wall: null, stands_in_for: null })),
  );
  for (const event of [version, decision]) expect(() => assertDomainEvent(upcast(event))).not.toThrow();
});

test('what was published and assigned before apps kept data is valid as it is', () => {
  const earlier = [
    stored('version_published', 'tabbify:version_published/3', json(published4)),
    stored('app_assigned', 'tabbify:app_assigned/1', json(examples.app_assigned)),
  ];
  for (const event of earlier) {
    const now = upcast(deepFreeze(event));
    expect(now.data).toEqual(event.type === 'version_published' ? withRequests : event.data);
    expect(() => assertDomainEvent(now)).not.toThrow();
  }
});

test('what was published before there were approvals keeps what it was given then, and asks for nothing else', () => {
  const now = upcast(stored('version_published', 'tabbify:version_published/4', json(published4)));
  expect(now.data).toEqual(withRequests);
  const hidden = { ...published4, visibility: 'private', targets: [] };
  const secluded = upcast(stored('version_published', 'tabbify:version_published/4', json(hidden)));
  expect(secluded.data).toMatchObject({ requests: [], inherited: [] });
});

test('what was asked for before data could stay or go alone removes none, and leaves none behind', () => {
  const { data: _, ...purge } = examples.app_purge_requested;
  const { leave_data: __, ...request } = examples.deployment_requested;
  const { targets: ___, ...first } = request;
  const earlier = [
    [stored('app_purge_requested', 'tabbify:app_purge_requested/1', json(purge)), { data: false }],
    [stored('deployment_requested', 'tabbify:deployment_requested/2', json(request)), { leave_data: false }],
    [stored('deployment_requested', 'tabbify:deployment_requested/1', json(first)), { leave_data: false }],
  ] as const;
  for (const [event, added] of earlier) {
    const now = upcast(deepFreeze(event));
    expect(now.data).toMatchObject({ ...event.data, ...added });
    expect(() => assertDomainEvent(now)).not.toThrow();
  }
});

test('events of the newest schema, of unknown types, erased ones and malformed ones are given back as they are', () => {
  const same: StoredEvent[] = [
    historian().say('credential_issued'),
    stored('weather_observed', 'tabbify:weather_observed/9', { sky: 'clear' }),
    stored('constructor', 'tabbify:constructor/1', {}),
    { ...old({}), erased: `sha256:${digest(1)}` },
    old({ ...issued1, kind: 'agent' }),
    old({}),
    stored('credential_issued', 'tabbify:credential_issued/0', issued1),
    stored('credential_issued', 'nonsense', issued1),
  ];
  for (const event of same) expect(upcast(event)).toBe(event);
});

const types = Object.keys(domainTypes) as DomainEventType[];

test.each(types)('%s in a newer schema is refused, naming position, schema and what is known', (type) => {
  const newest = domainTypes[type].earlier.length + 1;
  const event = stored(type, `tabbify:${type}/${newest + 1}`, examples[type] as unknown as JsonObject);
  expect(() => upcast({ ...event, position: 42 })).toThrow(
    `position 42 cannot be read: it is a ${type} in schema ${newest + 1}, this version of Tabbify knows schemas up to ${newest}`,
  );
  expect(upcast({ ...event, dataschema: dataschemaOf(type) }).data).toEqual(examples[type]);
});
