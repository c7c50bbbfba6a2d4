import { expect, test } from 'vitest';
import type { RuntimeKind } from '../../app/index.ts';
import type { StoredEvent } from '../../log/index.ts';
import { type DomainEvents, type DomainEventType, domainEvent, foldEvents } from '../../state/index.ts';
import { TINY as APP } from '../testing/apps.ts';
import { SETTINGS } from '../testing/placed-app.ts';
import { nextStep } from './next-step.ts';
import type { Placement } from './placement.ts';

const ID = '0191e7c2-aaaa-7222-8333-000000000001';
const DIGEST = 'd'.repeat(64);
const ULA = 'fd5a:1f02:44a5:240b:121a::';
const BUILDERS = { 'wasm-http': 'component-1', module: 'module-1' };

/** A log in which a deployment was asked for. */
function history() {
  const events: StoredEvent[] = [];
  const say = <Type extends DomainEventType>(type: Type, data: DomainEvents[Type]) => {
    const draft = domainEvent(type, data, { actor: 'system', source: '/node' });
    events.push({ ...draft, specversion: '1.0', position: events.length + 1 });
  };
  const version = { app: APP, version: 1, digest: DIGEST, files: 1, bytes: 1, name: 'Tiny' };
  const how = {
    visibility: 'private' as const,
    env: {},
    targets: [],
    requests: [],
    secrets: [],
    doubts: [],
    inherited: [],
  };
  say('app_registered', { app: APP, name: 'Tiny', slug: 'tiny', ula: `${ULA}1` });
  say('version_published', { ...version, ...how, runtime: SETTINGS, assets: null, runtime_declared: false });
  say('deployment_requested', {
    app: APP,
    deployment_id: ID,
    version: 1,
    digest: DIGEST,
    targets: null,
    leave_data: false,
  });
  return {
    built: (kind: 'wasm-http' | 'module', builder = BUILDERS[kind]) =>
      say('artifact_built', {
        ...{ app: APP, version: 1, version_digest: DIGEST, kind, builder_digest: builder },
        ...{ digest: DIGEST, prefix: `${kind} of ${builder}`, build_ms: 1 },
      }),
    placed: (...runtimes: RuntimeKind[]) =>
      say('deployment_placed', {
        ...{ app: APP, deployment_id: ID, version: 1, generation: 1 },
        targets: runtimes.map((runtime, index) => ({
          ...{ supervisor: `host-${index}`, runtime, env: {}, address: `${ULA}${index + 1}` },
          ...{ wall: null, stands_in_for: null },
        })),
      }),
    next: (placements: readonly Placement[] | null, builders = BUILDERS) =>
      nextStep(foldEvents(events), ID, builders, placements, null),
  };
}

const on = (...runtimes: RuntimeKind[]): Placement[] =>
  runtimes.map((runtime, index) => ({
    ...{ supervisor: `host-${index}`, runtime, env: {}, wall: null, standsInFor: null },
  }));

test('what its hosts would need now is built, each kind once, and only what is missing', () => {
  const { built, next } = history();
  expect(next(on('worker'))).toEqual({ kind: 'build', missing: ['module'] });
  expect(next(on('worker', 'wasm-http', 'worker'))).toEqual({
    ...{ kind: 'build', missing: ['module', 'wasm-http'] },
  });
  built('module');
  expect(next(on('worker', 'worker'))).toEqual({ kind: 'decide' });
  expect(next(on('wasm-http', 'worker'))).toEqual({ kind: 'build', missing: ['wasm-http'] });
  expect(next(on('worker'), { ...BUILDERS, module: 'module-2' })).toEqual({
    ...{ kind: 'build', missing: ['module'] },
  });
});

test('where it can go nowhere nothing is built: who decides it is told why', () => {
  expect(history().next(null)).toEqual({ kind: 'decide' });
});

test('once it was decided, the decision counts, and each host is told of the artifact of its kind', () => {
  const { built, placed, next } = history();
  built('module');
  placed('wasm-http', 'worker');
  // the decision wants a component, which is missing; what would be decided now does not matter
  expect(next(on('worker'))).toEqual({ kind: 'build', missing: ['wasm-http'] });
  built('wasm-http');
  expect(next(null)).toMatchObject({
    ...{ kind: 'tell', target: { supervisor: 'host-0' }, artifact: { prefix: 'wasm-http of component-1' } },
  });
});

test('after an upgrade of the platform a decision stands, and what the new builder makes is told', () => {
  const { built, placed, next } = history();
  const newer = { 'wasm-http': 'component-2', module: 'module-2' };
  built('module');
  built('wasm-http');
  placed('worker', 'wasm-http');
  expect(next(null, newer)).toEqual({ kind: 'build', missing: ['module', 'wasm-http'] });
  built('wasm-http', 'component-2');
  expect(next(null, newer)).toEqual({ kind: 'build', missing: ['module'] });
  built('module', 'module-2');
  expect(next(null, newer)).toMatchObject({ kind: 'tell', artifact: { prefix: 'module of module-2' } });
});

test('a decision for a runtime that nothing is built for fails, in words', () => {
  const { placed, next } = history();
  placed('docker');
  expect(next(null)).toEqual({
    kind: 'fail',
    failure: { stage: 'placing', reason: "nothing is built for 'docker' in this version", logTail: [] },
  });
});
