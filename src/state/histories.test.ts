import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type StoredEvent, storedEventSchema } from '../log/index.ts';
import { desiredFor } from './desired.ts';
import { canonicalJson } from './document/canonical-json.ts';
import { stateDocument } from './document/state-document.ts';
import { foldEvents } from './fold/fold.ts';
import { assertDomainEvent, dataschemaOf, domainTypes, isDomainType } from './registry.ts';
import {
  appBySlug,
  appsOf,
  credentialByHash,
  credentialById,
  deploymentsOf,
  primaryOf,
  rotationOf,
} from './selectors.ts';
import { upcast } from './upcast.ts';

const FOLDER = '../../test/histories';

/** Recorded logs; every later version must fold them to the same office. They are never edited. */
const names = readdirSync(new URL(FOLDER, import.meta.url))
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => file.replace(/\.jsonl$/, ''))
  .sort();

function history(name: string): StoredEvent[] {
  const text = readFileSync(new URL(`${FOLDER}/${name}.jsonl`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StoredEvent);
}

const saidByPlatform = (event: StoredEvent) => isDomainType(event.type) && !event.actor.startsWith('app:');

test.each(names)('%s leads to the state that stands beside it', async (name) => {
  const document = stateDocument(foldEvents(history(name)), null);
  const text = JSON.stringify(JSON.parse(canonicalJson(document)), null, 2);
  await expect(`${text}\n`).toMatchFileSnapshot(`${FOLDER}/${name}.state.json`);
});

test.each(names)('%s holds valid envelopes, and valid data of every type that is known', (name) => {
  for (const [index, event] of history(name).entries()) {
    expect(storedEventSchema.parse(event).position).toBe(index + 1);
    if (!saidByPlatform(event) || event.erased !== undefined) continue;
    expect(() => assertDomainEvent(upcast(event))).not.toThrow();
  }
});

test('every known type occurs in some history in its newest schema, and every earlier schema does', () => {
  const told = new Set(
    names
      .flatMap(history)
      .filter((event) => saidByPlatform(event) && event.erased === undefined)
      .map((event) => event.dataschema),
  );
  const known = Object.keys(domainTypes).filter(isDomainType);
  expect(known.filter((type) => !told.has(dataschemaOf(type)))).toEqual([]);
  const earlier = known.flatMap((type) =>
    domainTypes[type].earlier.map((_, index) => `tabbify:${type}/${index + 1}`),
  );
  expect(earlier.filter((schema) => !told.has(schema))).toEqual([]);
});

test('0001-first-office: two deploys, a failed third, an adoption, a start and a crash', () => {
  const state = foldEvents(history('0001-first-office'));
  const app = appBySlug(state, 'hello');
  const uuid = '0191e7c2-1111-7222-8333-444455556666';
  expect(credentialByHash(state, '01'.repeat(32))).toMatchObject({ name: 'owner', role: 'owner' });
  expect(credentialByHash(state, '02'.repeat(32))).toMatchObject({ name: 'local', role: null });
  expect(app).toMatchObject({ uuid, latestVersion: 3, ula: 'fd5a:1f02:44a5:240b:121a::1' });
  expect(deploymentsOf(state, uuid).map(({ phase, version }) => [version, phase])).toEqual([
    [1, 'switched'],
    [2, 'switched'],
    [3, 'failed'],
  ]);
  expect(desiredFor(state, 'local')).toMatchObject([
    { app: uuid, version: 2, generation: 2, digest: 'c2'.repeat(32), pinned: true, stopped: false },
  ]);
});

test('0002-two-offices: each has its own, what ended stays ended, and traffic changed nothing', () => {
  const events = history('0002-two-offices');
  const state = foldEvents(events);
  const id = (n: number) => `019ab5f0-cccc-7000-8000-00000000000${n}`;
  expect(appsOf(state).map((app) => app.slug)).toEqual(['web-shop']);
  expect(appsOf(state, 'acme').map((app) => app.slug)).toEqual(['acme-shop']);
  expect(credentialById(state, id(1))).toMatchObject({ role: 'owner', office: 'default' });
  expect(credentialById(state, id(3))).toMatchObject({ role: 'viewer' });
  expect([4, 6, 7].map((n) => credentialById(state, id(n)))).toEqual([null, null, null]);
  expect(state.revokedHashes.size).toBe(2);
  const { position: _, ...folded } = state;
  const { position: __, ...untroubled } = foldEvents(events.filter((event) => event.class !== 'traffic'));
  expect(folded).toEqual(untroubled);
});

test('0004-life-cycle: idle, a crash, a restart, parked and reset, and another app that was purged', () => {
  const state = foldEvents(history('0004-life-cycle'));
  const app = appBySlug(state, 'hello');
  expect(app && primaryOf(app)?.instance).toMatchObject({ state: 'crashed' });
  expect(app && primaryOf(app)?.assignment.restart).toEqual({
    status: 'running',
    failures: 0,
    retryAt: null,
  });
  expect(appBySlug(state, 'old')?.placements.get('local')?.assignment).toMatchObject({
    purged: true,
    stopped: true,
    purgePosition: 0,
  });
  expect(desiredFor(state, 'local')).toMatchObject([
    { name: 'Hello', restart_position: 11, reset_position: 15, purge_position: 0 },
  ]);
});

test('0005-targets: two hosts, one that could not take a version up, one that was silent, and one that was left', () => {
  const state = foldEvents(history('0005-targets'));
  const app = appBySlug(state, 'hello');
  const deployments = deploymentsOf(state, app?.uuid ?? '');
  expect(deployments.map(({ phase, results }) => [phase, results.map(({ success }) => success)])).toEqual([
    ['switched', [true, true]],
    ['switched', [true, false]],
    ['switched', [true, false]],
  ]);
  expect(app?.inPlace).toBe(deployments[2]?.id);
  expect(app && rotationOf(app).map(({ assignment }) => assignment.supervisor)).toEqual(['local']);
  expect(app?.placements.get('cloud')?.assignment).toMatchObject({ purged: true, version: 1 });
  expect(desiredFor(state, 'far')).toMatchObject([{ stopped: true, purge_position: expect.any(Number) }]);
});

test('0006-worker: built twice for two hosts, one of them with a stand-in; then without one, and to one host alone', () => {
  const state = foldEvents(history('0006-worker'));
  const app = appBySlug(state, 'hello');
  const kinds = [...(app?.artifacts.values() ?? [])].map(({ version, kind }) => `${version} ${kind}`);
  expect(kinds.sort()).toEqual(['1 module', '1 wasm-http', '2 module']);
  const deployments = deploymentsOf(state, app?.uuid ?? '');
  expect(
    deployments.map(({ built, results }) => [
      built,
      ...results.map(({ supervisor, runtime, wall, standsInFor }) =>
        [supervisor, runtime, wall?.isolation, standsInFor?.runtime].join(' ').trim(),
      ),
    ]),
  ).toEqual([
    [true, 'local worker process', 'far wasm-http wasm-bare worker'],
    [false, 'local worker process', 'far worker'],
    [true, 'local worker process'],
  ]);
  expect([1, 2].map((version) => app?.versions.get(version)?.runtimeDeclared)).toEqual([false, true]);
  expect(desiredFor(state, 'local')).toMatchObject([{ runtime: 'worker', version: 2 }]);
});

test('0008-static-files: files alone are in place without a host, beside an app with one, and again without; then taken down and put back', () => {
  const events = history('0008-static-files');
  const uuid = '019aa0de-0008-7000-8000-000000000001';
  const inPlace = events.map((event, index) => {
    const state = foldEvents(events.slice(0, index + 1));
    const version = state.deployments.get(state.apps.get(uuid)?.inPlace ?? '')?.version ?? null;
    return `${event.type} ${version}`;
  });
  expect(inPlace.filter((text, index) => text.split(' ')[1] !== inPlace[index - 1]?.split(' ')[1])).toEqual([
    'supervisor_joined null',
    'deployment_succeeded 1',
    'deployment_succeeded 2',
    'deployment_succeeded 1',
    'app_taken_down null',
    'deployment_succeeded 1',
  ]);
  const state = foldEvents(events);
  expect(
    deploymentsOf(state, uuid).map(({ phase, reached, results }) => [phase, reached, results.length]),
  ).toEqual([
    ['switched', 'requested', 0],
    ['switched', 'healthy', 1],
    ['switched', 'requested', 0],
    ['switched', 'requested', 0],
  ]);
  expect(state.apps.get(uuid)?.versions.get(1)?.assets).toEqual({ folder: 'public', alone: true });
  expect(desiredFor(state, 'local')).toEqual([]);
});

test('0009-data: a host is told how much data the app may keep', () => {
  const state = foldEvents(history('0009-data'));
  expect(desiredFor(state, 'local')).toMatchObject([{ settings: { data_mb: 64 } }]);
});

test('0010-data-stays: left behind on one host, then on another; removed from the first one alone', () => {
  const events = history('0010-data-stays');
  const upTo = (position: number) => foldEvents(events.filter((event) => event.position <= position));
  const dataAt = (position: number) => appBySlug(upTo(position), 'shop')?.dataOn;
  const moved = events.filter(({ type }) => type === 'assignment_applied').map(({ position }) => position);
  expect([dataAt(moved[0]! - 1), dataAt(moved[0]!), dataAt(moved[1]!)]).toEqual([null, 'home', 'far']);
  const asked = events.filter(({ type }) => type === 'app_purge_requested').map(({ position }) => position);
  expect(asked.map((position) => desiredFor(upTo(position), 'home')[0]?.purge_data_position ?? null)).toEqual(
    [
      0, // the app has left: what it stored stays
      null, // the other host is purged
      asked[2],
    ],
  );
  expect(appBySlug(foldEvents(events), 'shop')).toMatchObject({ dataOn: 'far', inPlace: null });
});

test('what was published and placed before keeps its runtime and says nothing of walls', () => {
  const versions = names
    .filter((name) => name < '0006')
    .flatMap((name) => [...foldEvents(history(name)).apps.values()])
    .flatMap((app) => [...app.versions.values()]);
  expect(versions.length).toBeGreaterThan(0);
  expect(versions.every(({ runtimeDeclared }) => runtimeDeclared)).toBe(true);
  const results = [...foldEvents(history('0005-targets')).deployments.values()].flatMap(
    (each) => each.results,
  );
  expect(results.length).toBeGreaterThan(0);
  for (const result of results) expect(result).toMatchObject({ wall: null, standsInFor: null });
});

test('0003-deployments: one called off, one that gave way, one that failed and left the version before in place', () => {
  const state = foldEvents(history('0003-deployments'));
  const app = appBySlug(state, 'hello');
  const deployments = deploymentsOf(state, app?.uuid ?? '');
  expect(deployments.map(({ phase, reached }) => [phase, reached])).toEqual([
    ['switched', 'healthy'],
    ['cancelled', 'building'],
    ['superseded', 'requested'],
    ['failed', 'starting'],
  ]);
  expect(app?.openDeployments.size).toBe(0);
  expect(app && primaryOf(app)?.assignment).toMatchObject({
    deployment: deployments[0]?.id,
    generation: 3,
    outcome: 'running',
  });
  expect(app && primaryOf(app)?.good?.generation).toBe(1);
});

test('0012-sessions: three browsers; one signed out, one lost its credential, one is used', () => {
  const { sessions } = foldEvents(history('0012-sessions'));
  expect([...sessions.values()]).toMatchObject([
    { browser: 'Firefox on Linux', by: 'link', usedAt: '2026-11-23T05:00:00.000Z' },
  ]);
});
