import { describe, expect, test } from 'vitest';
import type { StoredEvent } from '../../log/index.ts';
import { desiredFor } from '../desired.ts';
import { artifactKey, emptyOffice } from '../office-state.ts';
import {
  appByAddress,
  appBySlug,
  appsOf,
  credentialByHash,
  credentialById,
  credentialsOf,
  deploymentsOf,
  officesOf,
  primaryOf,
  sessionsOf,
  supervisorsOf,
} from '../selectors.ts';
import {
  APP,
  CREDENTIAL,
  DEPLOYMENT,
  digest,
  historian,
  OTHER_APP,
  SESSION,
  settings,
} from '../testing/examples.ts';
import { applyEvent, foldEvents } from './fold.ts';

/** An office whose app is assigned to `local` in generation 1. */
function assignedOffice() {
  const history = historian();
  history.say('supervisor_joined');
  history.say('app_registered');
  history.say('version_published');
  history.say('deployment_requested');
  history.say('artifact_built');
  history.say('app_assigned');
  return history;
}

/** The app on `local`. */
const placed = (events: readonly StoredEvent[]) => foldEvents(events).apps.get(APP)?.placements.get('local');

test('a credential is found by the hash of its token until it is issued anew', () => {
  const { events, say } = historian();
  say('credential_issued');
  expect(credentialByHash(foldEvents(events), digest(0xabc))).toMatchObject({
    name: 'dana',
    role: 'viewer',
    scopes: ['read'],
    expiresAt: '2027-01-01T00:00:00Z',
  });
  say('credential_issued', { token_sha256: digest(0xdef) });
  const state = foldEvents(events);
  expect(credentialByHash(state, digest(0xabc))).toBeNull();
  expect(credentialByHash(state, digest(0xdef))).toMatchObject({ name: 'dana' });
});

describe('a session', () => {
  const sessions = (events: readonly StoredEvent[]) => sessionsOf(foldEvents(events), CREDENTIAL);
  const signedIn = () => {
    const history = historian();
    history.say('credential_issued');
    history.say('session_started', {}, { clock: { now: () => 1_000 } });
    return history;
  };

  test('is there until it is ended, and when it was used is known', () => {
    const { events, say } = signedIn();
    expect(sessions(events)).toMatchObject([{ id: SESSION, secretHash: digest(0x5e55), by: 'link' }]);
    say('session_used', {}, { clock: { now: () => 9_000 } });
    expect(sessions(events)).toMatchObject([
      { startedAt: '1970-01-01T00:00:01.000Z', usedAt: '1970-01-01T00:00:09.000Z' },
    ]);
    say('session_used', {}, { clock: { now: () => 2_000 } });
    expect(sessions(events)).toMatchObject([{ usedAt: '1970-01-01T00:00:09.000Z' }]);
    say('session_ended');
    expect(sessions(events)).toEqual([]);
  });

  test('ends with its credential, whether that is revoked or issued anew', () => {
    for (const end of ['credential_revoked', 'credential_issued'] as const) {
      const { events, say } = signedIn();
      say(end, end === 'credential_issued' ? { token_sha256: digest(0xdef) } : {});
      say('session_used');
      expect(foldEvents(events).sessions.size).toBe(0);
    }
  });

  test('is of a credential that is there', () => {
    const { events, say } = historian();
    say('session_started');
    expect(foldEvents(events).sessions.size).toBe(0);
  });

  test('that has expired is forgotten when its credential starts another', () => {
    const { events, say } = signedIn();
    say('session_started', { session_id: APP }, { clock: { now: () => Date.UTC(2026, 11, 31) } });
    expect(sessions(events)).toHaveLength(2);
    say('session_started', { session_id: OTHER_APP }, { clock: { now: () => Date.UTC(2027, 0, 2) } });
    expect(sessions(events).map(({ id }) => id)).toEqual([OTHER_APP]);
  });
});

test('a revoked credential is gone, and its token is never valid again, whatever it is issued for', () => {
  const { events, say } = historian();
  say('credential_issued');
  say('credential_revoked');
  say('credential_issued');
  say('credential_issued', { credential_id: OTHER_APP });
  const state = foldEvents(events);
  expect(credentialByHash(state, digest(0xabc))).toBeNull();
  expect(credentialById(state, CREDENTIAL)).toBeNull();
  expect(credentialsOf(state, 'default')).toEqual([]);
  expect(state.revokedHashes).toEqual(new Set([digest(0xabc)]));
  say('credential_issued', { token_sha256: digest(0xdef) });
  expect(credentialById(foldEvents(events), CREDENTIAL)).toMatchObject({ id: CREDENTIAL, name: 'dana' });
});

test('a revocation of what is not there, or comes twice, changes nothing', () => {
  const { events, say } = historian();
  say('credential_revoked');
  say('credential_issued');
  expect(credentialById(foldEvents(events), CREDENTIAL)).not.toBeNull();
  say('credential_revoked');
  say('credential_revoked');
  expect(foldEvents(events).revokedHashes.size).toBe(1);
});

test('a token belongs to the credential that had it first', () => {
  const { events, say } = historian();
  say('credential_issued');
  say('credential_issued', { credential_id: OTHER_APP, name: 'impostor', role: 'owner' });
  const state = foldEvents(events);
  expect(credentialByHash(state, digest(0xabc))).toMatchObject({ id: CREDENTIAL, role: 'viewer' });
  expect(credentialById(state, OTHER_APP)).toBeNull();
});

test('a credential of schema 1 is folded as schema 2 would say it', () => {
  const { events, say } = historian();
  const { role: _, expires_at: __, ...data } = say('credential_issued').data;
  const [event] = events;
  const state = foldEvents([{ ...event, data, dataschema: 'tabbify:credential_issued/1' } as StoredEvent]);
  expect(credentialById(state, CREDENTIAL)).toMatchObject({ name: 'dana', role: null, expiresAt: null });
});

test('the office default is there from the beginning; others are created once', () => {
  const { events, say } = historian();
  expect(officesOf(foldEvents(events))).toEqual([
    { slug: 'default', name: 'Default', createdAt: null, createdBy: 'system' },
  ]);
  say('office_created', {}, { clock: { now: () => 0 } });
  say('office_created', { name: 'Acme again' });
  say('office_created', { office: 'default', name: 'Mine' });
  expect(officesOf(foldEvents(events))).toEqual([
    { slug: 'acme', name: 'Acme', createdAt: '1970-01-01T00:00:00.000Z', createdBy: 'user:owner' },
    { slug: 'default', name: 'Default', createdAt: null, createdBy: 'system' },
  ]);
});

test('credentials of an office are listed oldest first, those of others are not', () => {
  const { events, say } = historian();
  const issue = (n: number, office: string, now: number) =>
    say(
      'credential_issued',
      { credential_id: `0191e7c2-cccc-7222-8333-00000000000${n}`, token_sha256: digest(n), name: `n${n}` },
      { office, clock: { now: () => now } },
    );
  issue(2, 'default', 2000);
  issue(1, 'acme', 1000);
  issue(3, 'default', 1000);
  const state = foldEvents(events);
  expect(credentialsOf(state, 'default').map(({ name }) => name)).toEqual(['n3', 'n2']);
  expect(credentialsOf(state, 'acme').map(({ name }) => name)).toEqual(['n1']);
});

test('traffic moves the position and nothing else, also in a schema that is not known yet', () => {
  const { events, say } = assignedOffice();
  const before = foldEvents(events);
  say('request_refused');
  say('delivery_failed');
  say('delivery_succeeded');
  const newer = { ...say('request_refused'), dataschema: 'tabbify:request_refused/9' };
  expect(foldEvents([...events.slice(0, -1), newer])).toEqual({ ...before, position: newer.position });
});

test('a supervisor keeps the time it first joined when its tags change', () => {
  const { events, say } = historian();
  say('supervisor_joined', {}, { clock: { now: () => 0 } });
  say('supervisor_joined', { name: 'aaa', tags: [] });
  say('supervisor_joined', { tags: ['wasm-http', 'docker'] });
  expect(supervisorsOf(foldEvents(events))).toMatchObject([
    { name: 'aaa' },
    { name: 'local', tags: ['wasm-http', 'docker'], joinedAt: '1970-01-01T00:00:00.000Z' },
  ]);
});

test('an app is found by name and by address, each in its office', () => {
  const { events, say } = historian();
  say('app_registered');
  say('app_registered', { app: OTHER_APP, ula: 'fd5a:1f02:d8a4:1b0f:e502::1' }, { office: 'acme' });
  const state = foldEvents(events);
  expect(appBySlug(state, 'hello')?.uuid).toBe(APP);
  expect(appBySlug(state, 'hello', 'acme')?.uuid).toBe(OTHER_APP);
  expect(appBySlug(state, 'other')).toBeNull();
  expect(appByAddress(state, 'fd5a:1f02:d8a4:1b0f:e502::1')?.uuid).toBe(OTHER_APP);
  expect(appsOf(state).map((app) => app.uuid)).toEqual([APP]);
});

test('a name or an address that is taken stays with the app that had it first', () => {
  const { events, say } = historian();
  say('app_registered');
  say('app_registered', { app: OTHER_APP, ula: 'fd5a:1f02:d8a4:1b0f:e502::1' });
  say('app_registered', { app: OTHER_APP, slug: 'other' });
  const state = foldEvents(events);
  expect(appBySlug(state, 'hello')?.uuid).toBe(APP);
  expect(state.apps.has(OTHER_APP)).toBe(false);
});

test('an app that takes another name keeps its history and frees the old one', () => {
  const { events, say } = assignedOffice();
  say('app_registered', { name: 'Good day', slug: 'good-day' });
  const state = foldEvents(events);
  expect(appBySlug(state, 'hello')).toBeNull();
  expect(appBySlug(state, 'good-day')).toMatchObject({ uuid: APP, latestVersion: 1, name: 'Good day' });
  expect(appBySlug(state, 'good-day')?.placements.size).toBe(1);
});

test('versions are immutable, the highest is the latest, artifacts are found by what they are built from', () => {
  const { events, say } = assignedOffice();
  say('version_published', { version: 2, digest: digest(2) });
  say('version_published', { version: 2, digest: digest(3) });
  const app = foldEvents(events).apps.get(APP);
  expect(app?.latestVersion).toBe(2);
  expect(app?.versions.get(2)?.digest).toBe(digest(2));
  expect(app?.artifacts.get(artifactKey(digest(1), 'wasm-http', digest(0xb)))?.digest).toBe(digest(0xa1));
  expect(app?.artifacts.get(artifactKey(digest(2), 'wasm-http', digest(0xb)))).toBeUndefined();
});

test('a deployment goes from phase to phase with its events, and the first outcome stands', () => {
  const { events } = assignedOffice();
  const phases = events.slice(0, 6).map((_, n) => {
    const state = foldEvents(events.slice(0, n + 1));
    return state.deployments.get(DEPLOYMENT)?.phase;
  });
  expect(phases).toEqual([undefined, undefined, undefined, 'requested', 'placing', 'starting']);

  const { say, events: more } = assignedOffice();
  say('assignment_applied', { generation: 1 });
  say('deployment_succeeded');
  say('deployment_failed');
  const state = foldEvents(more);
  expect(deploymentsOf(state, APP)).toMatchObject([
    {
      phase: 'switched',
      reached: 'healthy',
      built: false,
      results: [{ supervisor: 'local', success: true }],
    },
  ]);
  expect(state.apps.get(APP)?.openDeployments.size).toBe(0);
  expect(state.apps.get(APP)).toMatchObject({ inPlace: DEPLOYMENT });
  expect(primaryOf(state.apps.get(APP)!)?.good).toMatchObject({ version: 1, generation: 1 });
  say('app_purge_requested');
  expect(foldEvents(more).apps.get(APP)?.inPlace).toBeNull(); // what was purged is nothing to come back to
});

test('a deployment that was called off or gave way says by whom, and what was good stays', () => {
  const { events, say } = assignedOffice();
  say('assignment_applied', { generation: 1 });
  say('deployment_succeeded');
  const [cancelled, superseded, newer] = [2, 3, 4].map((n) => `${DEPLOYMENT.slice(0, -1)}${n}`);
  say('deployment_requested', { deployment_id: cancelled! });
  say('deployment_build_started', { deployment_id: cancelled! });
  say('deployment_cancelled', { deployment_id: cancelled! }, { actor: 'user:dana' });
  say('deployment_requested', { deployment_id: superseded! });
  say('deployment_requested', { deployment_id: newer!, version: 2 });
  say('deployment_superseded', { deployment_id: superseded!, by: newer! });
  const state = foldEvents(events);
  expect(deploymentsOf(state, APP).slice(1)).toMatchObject([
    { phase: 'cancelled', reached: 'building', failure: { reason: 'called off by user:dana' } },
    {
      phase: 'superseded',
      failure: { reason: `the newer deployment ${newer} of version 2 takes its turn` },
    },
    { phase: 'requested', finishedAt: null },
  ]);
  expect([...state.apps.get(APP)!.openDeployments]).toEqual([newer]);
  expect(state.apps.get(APP)?.inPlace).toBe(DEPLOYMENT);
});

test('a failed deployment says where, why and the last lines', () => {
  const { events, say } = assignedOffice();
  say('deployment_failed');
  expect(deploymentsOf(foldEvents(events), APP)).toMatchObject([
    { phase: 'failed', failure: { stage: 'build', reason: 'it does not compile', logTail: ['line 1'] } },
  ]);
});

test('the desired state of a host is what it was assigned last, in the words of its protocol', () => {
  const { events, say } = assignedOffice();
  say('app_registered', { app: OTHER_APP, name: 'Two', slug: 'two', ula: 'fd5a:1f02:d8a4:1b0f:e502::1' });
  say('app_assigned', { app: OTHER_APP, supervisor: 'far' });
  say('app_assigned', { generation: 2, version: 2, artifact_digest: digest(0xa2) });
  say('app_assigned', { generation: 1, version: 9 }); // late: a lower generation
  const state = foldEvents(events);
  expect(desiredFor(state, 'local')).toEqual([
    {
      app: APP,
      name: 'Hello',
      version: 2,
      generation: 2,
      environment: 'production',
      runtime: 'wasm-http',
      digest: digest(0xa2),
      artifact_prefix: `artifacts/${digest(0xa1)}/`,
      settings,
      env: { GREETING: 'hi' },
      grant: { http: [], apps: [], secrets: [] },
      address: 'fd5a:1f02:44a5:240b:121a::1',
      pinned: false,
      stopped: false,
      stop_position: 0,
      restart_position: 0,
      reset_position: 0,
      purge_position: 0,
      purge_data_position: 0,
    },
  ]);
  expect(desiredFor(state, 'far').map((row) => row.app)).toEqual([OTHER_APP]);
  expect(desiredFor(state, 'nowhere')).toEqual([]);
});

test('a start pins, a stop unpins and stops, a deploy keeps the pin and ends the stop', () => {
  const { events, say } = assignedOffice();
  const flags = () => {
    const [row] = desiredFor(foldEvents(events), 'local');
    return [row?.pinned, row?.stopped];
  };
  say('app_start_requested');
  expect(flags()).toEqual([true, false]);
  say('app_assigned', { generation: 2 });
  expect(flags()).toEqual([true, false]);
  say('app_stop_requested');
  expect(flags()).toEqual([false, true]);
  say('app_start_requested', { supervisor: 'far' }); // not where the app is
  expect(flags()).toEqual([false, true]);
  say('app_assigned', { generation: 3 });
  expect(flags()).toEqual([false, false]);
});

test('what a host said about its generation is kept until the next one', () => {
  const { events, say } = assignedOffice();
  const assignment = () => placed(events)?.assignment;
  say('assignment_failed');
  expect(assignment()).toMatchObject({ outcome: 'failed', failure: { stage: 'start', reason: 'no memory' } });
  say('assignment_applied', { outcome: 'running' });
  expect(assignment()).toMatchObject({ outcome: 'running', failure: null });
  say('app_assigned', { generation: 2 });
  say('assignment_failed'); // of generation 1
  expect(assignment()).toMatchObject({ outcome: null, failure: null });
});

test('the instance is what its host observed last; an older generation says nothing any more', () => {
  const { events, say } = assignedOffice();
  const instance = () => placed(events)?.instance;
  expect(instance()).toBeNull();
  say('app_started');
  expect(instance()).toMatchObject({ state: 'running', pid: 4711, version: 1, adopted: false });
  say('app_started', { adopted: true });
  expect(instance()).toMatchObject({ state: 'running', pid: 4711, adopted: true });
  say('app_crashed');
  expect(instance()).toMatchObject({
    state: 'crashed',
    pid: null,
    version: 1,
    reason: 'it was ended by SIGKILL',
  });
  say('app_assigned', { generation: 2, version: 2 });
  say('app_started', { generation: 2, version: 2, pid: 4712 });
  say('app_stopped', { generation: 1, reason: 'replaced' });
  expect(instance()).toMatchObject({ state: 'running', generation: 2, pid: 4712 });
  say('app_stopped', { generation: 2 });
  expect(instance()).toMatchObject({
    state: 'stopped',
    generation: 2,
    version: 2,
    reason: 'idle',
    pid: null,
  });
});

test('a host speaks of what it was given and of nothing else', () => {
  const { events, say } = assignedOffice();
  say('app_started', { pid: 666 }, { actor: 'supervisor:far', source: '/supervisors/far' });
  say('app_started', { pid: 667 }, { actor: 'supervisor:cloud', source: '/supervisors/cloud' });
  say('assignment_applied', {}, { actor: 'supervisor:far', source: '/supervisors/far' });
  expect(placed(events)).toMatchObject({ instance: null, assignment: { outcome: null } });
});

test('a known type in a newer schema stops the fold, naming position and versions, and changes nothing', () => {
  const { events, say } = historian();
  say('app_registered');
  const state = foldEvents(events);
  const newer = { ...say('version_published'), dataschema: 'tabbify:version_published/7' };
  let error: unknown;
  try {
    applyEvent(state, newer);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'event_too_new', status: 500 });
  expect((error as Error).message).toMatch(/position 2 .*schema 7.*up to 5/);
  expect(state).toEqual(foldEvents(events.slice(0, 1)));
});

test('an empty history is an empty office', () => {
  expect(foldEvents([])).toEqual(emptyOffice());
});
