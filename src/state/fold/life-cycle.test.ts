import { expect, test } from 'vitest';
import { desiredFor } from '../desired.ts';
import { APP, examples, historian } from '../testing/examples.ts';
import { foldEvents } from './fold.ts';

function placed() {
  const { events, say } = historian();
  say('app_registered');
  say('app_assigned');
  const assignment = () => foldEvents(events).apps.get(APP)?.placements.get('local')?.assignment;
  const desired = () => desiredFor(foldEvents(events), 'local');
  return { say, assignment, desired, events };
}

test('a restart ends a stop, and the host sees by its position that it was asked for again', () => {
  const { say, desired } = placed();
  say('app_stop_requested');
  const { position } = say('app_restart_requested');
  expect(desired()).toMatchObject([{ stopped: false, restart_position: position }]);
  const again = say('app_restart_requested');
  expect(desired()).toMatchObject([{ restart_position: again.position }]);
});

test('how restarts go is what the host said last; a start and a deployment end it', () => {
  const { say, assignment } = placed();
  say('app_restart_changed', { status: 'crashloop', failures: 5, retry_at: '2026-11-21T08:00:40Z' });
  expect(assignment()?.restart).toMatchObject({ status: 'crashloop', failures: 5 });
  say('app_started');
  expect(assignment()?.restart).toEqual({ status: 'running', failures: 5, retryAt: null });
  say('app_restart_changed', { status: 'parked', failures: 10, retry_at: null });
  say('app_restart_changed', { status: 'backoff' }, { actor: 'supervisor:other' }); // not its host
  expect(assignment()?.restart.status).toBe('parked');
  say('app_assigned', { generation: 2 });
  say('app_restart_changed', { generation: 1 }); // about what is over
  expect(assignment()?.restart).toEqual({ status: 'running', failures: 0, retryAt: null });
});

test('a purged app is no longer desired, keeps its generation, and is desired again when it is deployed', () => {
  const { say, assignment, desired } = placed();
  say('app_started');
  const { position } = say('app_purge_requested');
  expect(desired()).toMatchObject([{ stopped: true, purge_position: position }]);
  say('app_start_requested'); // too late
  say('app_purged', { purge_position: position + 1 }); // about another request
  expect(desired()).toMatchObject([{ stopped: true, purge_position: position }]);
  say('app_purged', { purge_position: position });
  expect(desired()).toEqual([]);
  expect(assignment()).toMatchObject({ purged: true, generation: 1 });
  say('app_assigned', { generation: 2 });
  expect(desired()).toMatchObject([{ generation: 2, stopped: false, purge_position: 0 }]);
});

test('what an app has stored goes only with a purge that says so, also after one that did not', () => {
  const { say, assignment, desired, events } = placed();
  const dataOn = () => foldEvents(events).apps.get(APP)?.dataOn;
  say('app_assigned', { generation: 2, settings: { ...examples.app_assigned.settings, data_mb: 64 } });
  say('assignment_applied', { generation: 2 });
  expect(dataOn()).toBe('local');
  const kept = say('app_purge_requested', { data: false });
  expect(desired()).toMatchObject([{ purge_position: kept.position, purge_data_position: 0 }]);
  say('app_purged', { generation: 2, purge_position: kept.position });
  expect([desired(), dataOn()]).toEqual([[], 'local']);
  const gone = say('app_purge_requested', { data: true });
  expect(dataOn()).toBeNull();
  say('app_purge_requested', { data: false }); // does not take it back
  expect(desired()).toMatchObject([
    { stopped: true, purge_position: gone.position + 1, purge_data_position: gone.position },
  ]);
  say('app_purged', { generation: 2, purge_position: gone.position + 1 });
  expect(desired()).toEqual([]);
  expect(assignment()).toMatchObject({ purged: true, purgeDataPosition: 0 });
});

test('a deployment that comes before the purge was carried out goes on after it', () => {
  const { say, desired } = placed();
  const { position } = say('app_purge_requested');
  say('app_assigned', { generation: 2 });
  expect(desired()).toMatchObject([{ generation: 2, stopped: false, purge_position: position }]);
  say('app_purged', { generation: 2, purge_position: position });
  expect(desired()).toMatchObject([{ generation: 2, stopped: false, purge_position: 0 }]);
});
