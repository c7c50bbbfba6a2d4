import { expect, test } from 'vitest';
import { desiredFor } from '../desired.ts';
import { deploymentsOf, placementsOf, primaryOf, rotationOf } from '../selectors.ts';
import { APP, DEPLOYMENT, historian, NEWER_DEPLOYMENT } from '../testing/examples.ts';
import { foldEvents } from './fold.ts';

const FIRST = 'fd5a:1f02:44a5:240b:121a::1';
const SECOND = 'fd5a:1f02:44a5:240b:121a::2';
const of = (supervisor: string) => ({
  actor: `supervisor:${supervisor}`,
  source: `/supervisors/${supervisor}`,
});

/** An app whose first deployment goes to `local` and `cloud`, and both were told. */
function twoHosts() {
  const { events, say } = historian();
  for (const type of ['app_registered', 'version_published', 'deployment_requested'] as const) say(type);
  say('artifact_built');
  say('deployment_placed');
  say('app_assigned');
  say('app_assigned', { supervisor: 'cloud', address: SECOND });
  const answer = (supervisor: string, success: boolean, generation = 1) =>
    say(success ? 'assignment_applied' : 'assignment_failed', { generation }, of(supervisor));
  const state = () => foldEvents(events);
  const app = () => state().apps.get(APP)!;
  const deployment = (n = 0) => deploymentsOf(state(), APP)[n]!;
  const rotation = () => rotationOf(app()).map(({ assignment }) => assignment.supervisor);
  return { say, answer, state, app, deployment, rotation };
}

test('a deployment goes on when each of its hosts has answered, and one that failed does not fail the others', () => {
  const { say, answer, deployment, rotation, app } = twoHosts();
  expect(deployment()).toMatchObject({ phase: 'starting', generation: 1 });
  answer('cloud', false);
  expect(deployment().phase).toBe('starting');
  answer('local', true);
  expect(deployment()).toMatchObject({
    phase: 'healthy',
    results: [
      { supervisor: 'local', told: true, success: true, failure: null },
      { supervisor: 'cloud', told: true, success: false, failure: { reason: 'no memory' } },
    ],
  });
  say('deployment_succeeded');
  expect(app().inPlace).toBe(DEPLOYMENT);
  expect(rotation()).toEqual(['local']);
});

test('a host that does not answer in time counts as failed; what it says afterwards changes nothing', () => {
  const { say, answer, deployment, app } = twoHosts();
  answer('local', true);
  expect(deployment().phase).toBe('starting');
  say('deployment_target_failed');
  expect(deployment()).toMatchObject({ phase: 'healthy', results: [{ success: true }, { success: false }] });
  say('deployment_target_failed', { supervisor: 'local' });
  expect(deployment().results[0]).toMatchObject({ success: true });
  expect(app().placements.get('cloud')?.assignment.outcome).toBe('failed');
});

test('a deployment that no host took up goes nowhere by itself', () => {
  const { answer, deployment } = twoHosts();
  answer('local', false);
  answer('cloud', false);
  expect(deployment().phase).toBe('starting');
});

test('visitors go to the hosts of the deployment in place, and to a new host only when that is', () => {
  const { say, answer, rotation, app, state } = twoHosts();
  expect(rotation()).toEqual(['local', 'cloud']); // the first: nothing else is there
  answer('local', true);
  answer('cloud', true);
  say('deployment_succeeded');
  say('deployment_requested', { deployment_id: NEWER_DEPLOYMENT });
  for (const supervisor of ['cloud', 'far']) {
    const address = supervisor === 'far' ? SECOND : FIRST;
    say('app_assigned', { deployment_id: NEWER_DEPLOYMENT, generation: 2, supervisor, address });
  }
  expect(rotation()).toEqual(['cloud', 'local']);
  answer('cloud', true, 2);
  answer('far', true, 2);
  expect(rotation()).toEqual(['cloud', 'local']);
  say('deployment_succeeded', { deployment_id: NEWER_DEPLOYMENT });
  expect(rotation()).toEqual(['cloud', 'far']);
  expect(primaryOf(app())?.assignment.supervisor).toBe('cloud');
  say('app_purge_requested');
  expect(placementsOf(app()).map(({ assignment }) => assignment.supervisor)).toEqual(['cloud', 'far']);
  expect(desiredFor(state(), 'local')).toMatchObject([{ purge_position: expect.any(Number), stopped: true }]);
  expect(desiredFor(state(), 'far')).toMatchObject([{ generation: 2, address: SECOND }]);
});

test('nothing is in place once every host was asked to purge the app', () => {
  const { say, answer, app } = twoHosts();
  answer('local', true);
  answer('cloud', true);
  say('deployment_succeeded');
  say('app_purge_requested', { supervisor: 'cloud' });
  expect(app().inPlace).toBe(DEPLOYMENT);
  say('app_purge_requested');
  expect(app().inPlace).toBeNull();
  expect(rotationOf(app())).toEqual([]);
});

test('the pin of one host holds for the next one as well', () => {
  const { say, state } = twoHosts();
  say('app_start_requested');
  say('app_assigned', { generation: 2, supervisor: 'far' });
  expect(desiredFor(state(), 'far')).toMatchObject([{ pinned: true }]);
});
