import { expect, test } from 'vitest';
import type { GrantedSecret } from '../app/index.ts';
import { desiredFor } from './desired.ts';
import { foldEvents } from './fold/fold.ts';
import { mayCall } from './grants.ts';
import {
  APP,
  APPROVAL,
  DEPLOYMENT,
  examples,
  historian,
  NEWER_DEPLOYMENT,
  OTHER_APP,
} from './testing/examples.ts';

const OWN: readonly GrantedSecret[] = [
  { name: 'own', env_var: 'OWN', required: true },
  { name: 'optional', env_var: 'OPTIONAL', required: false },
];

/** What the host of an app is told when it was granted these lines. @param env of its assignment */
function told(granted: string[], env: Record<string, string> = {}, secrets: readonly GrantedSecret[] = OWN) {
  const { events, say } = historian();
  say('supervisor_joined');
  say('app_registered');
  say('version_published', {
    requests: ['secret:own', 'secret:targets', 'secret:optional'],
    secrets: [...secrets],
    targets: [],
  });
  say('deployment_requested');
  say('approval_requested', { approval_id: APPROVAL, added: granted, widened: [], removed: [] });
  say('approval_granted', { approval_id: APPROVAL });
  say('app_assigned', { env });
  const [app] = desiredFor(foldEvents(events), 'local');
  return app;
}

test('a secret that a target names reaches its app under the target’s variable, and stands in no environment', () => {
  const app = told(['secret:own', 'secret:targets'], {
    MODE: 'dark',
    OWN: 'secret:own',
    KEY: 'secret:targets',
  });
  expect(app?.env).toEqual({ MODE: 'dark' });
  expect(app?.grant.secrets).toEqual([
    { name: 'own', env_var: 'OWN', required: true },
    { name: 'targets', env_var: 'KEY', required: true },
  ]);
});

test('a target may put another secret, or plain text, in the place of the version’s', () => {
  const other = told(['secret:own', 'secret:targets'], { OWN: 'secret:targets' });
  expect(other?.grant.secrets).toEqual([{ name: 'targets', env_var: 'OWN', required: true }]);
  const plain = told(['secret:own'], { OWN: 'nothing secret' });
  expect([plain?.env, plain?.grant.secrets]).toEqual([{ OWN: 'nothing secret' }, []]);
});

test('what was not granted is not told of, whoever names it', () => {
  const app = told(['secret:optional'], { OWN: 'secret:own', KEY: 'secret:targets', MORE: 'secret:third' });
  expect([app?.env, app?.grant.secrets]).toEqual([
    {},
    [{ name: 'optional', env_var: 'OPTIONAL', required: false }],
  ]);
});

test('a variable may have any name, also one that every object knows', () => {
  for (const env_var of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    const app = told(['secret:own'], {}, [{ name: 'own', env_var, required: true }]);
    expect(app?.grant.secrets).toEqual([{ name: 'own', env_var, required: true }]);
  }
});

test('what a version requires and was taken back is said to be withheld, and what it can do without is not', () => {
  expect(told(['secret:own', 'secret:optional'])?.grant.withheld).toBeUndefined();
  expect(told(['secret:own'])?.grant.withheld).toBeUndefined();
  expect(told(['secret:optional'])?.grant.withheld).toEqual(['own']);
  expect(told([], { KEY: 'secret:targets' })?.grant.withheld).toEqual(['own', 'targets']);
});

const SHOP = 'http:app:shop';

/** An app that is to call another one, and whether it may, on a host. */
function caller() {
  const { events, say } = historian();
  for (const name of ['local', 'cloud']) say('supervisor_joined', { name });
  say('app_registered');
  say('app_registered', { app: OTHER_APP, name: 'Shop', slug: 'shop', ula: 'fd5a:1f02::2' });
  return {
    say,
    /** A version is asked for, a person says yes, and its host is told. */
    assign(version: number, requests: string[], id = DEPLOYMENT) {
      const generation = version;
      const ids = { deployment_id: id, version };
      say('version_published', { version, requests, secrets: [], targets: [], inherited: [], assets: null });
      say('deployment_requested', { ...ids, targets: null });
      say('approval_requested', { ...ids, approval_id: id, added: requests, widened: [], removed: [] });
      say('approval_granted', { approval_id: id, once: false });
      say('deployment_placed', {
        ...ids,
        generation,
        targets: examples.deployment_placed.targets.slice(0, 1),
      });
      say('app_assigned', { ...ids, generation, env: {} });
    },
    may(supervisor = 'local', other = OTHER_APP) {
      const state = foldEvents(events);
      return mayCall(state, state.apps.get(APP)!, supervisor, other);
    },
  };
}

test('an app may call another one on the hosts that it is on, and on no other', () => {
  const { assign, may, say } = caller();
  expect(may()).toBe(false);
  assign(1, [SHOP]);
  expect([may(), may('cloud'), may('nowhere')]).toEqual([true, false, false]);
  say('grant_revoked', { capability: SHOP });
  expect(may()).toBe(false);
});

test('the version that serves until another one does may call whom it could; with the other one in place it may not', () => {
  const { assign, may, say } = caller();
  assign(1, [SHOP]);
  say('assignment_applied', { generation: 1 });
  say('deployment_succeeded', { version: 1 });
  assign(2, ['http:b.example'], NEWER_DEPLOYMENT);
  expect(may()).toBe(true);
  say('assignment_applied', { generation: 2 });
  say('deployment_succeeded', { deployment_id: NEWER_DEPLOYMENT, version: 2 });
  expect(may()).toBe(false);
});

test('what is granted once for a coming deployment, to an app that has taken the name, counts for no deployment before it', () => {
  const { assign, may, say } = caller();
  assign(1, [SHOP]);
  const third = '0191e7c2-0000-7000-8000-00000000000d';
  say('app_registered', { app: OTHER_APP, name: 'Store', slug: 'store', ula: 'fd5a:1f02::2' });
  say('app_registered', { app: third, name: 'Shop', slug: 'shop', ula: 'fd5a:1f02::3' });
  const ids = { deployment_id: NEWER_DEPLOYMENT, version: 1 };
  say('deployment_requested', { ...ids, targets: null });
  say('approval_requested', { ...ids, approval_id: APPROVAL, added: [SHOP], widened: [], removed: [] });
  say('approval_granted', { approval_id: APPROVAL, once: true });
  expect([may(), may('local', third)]).toEqual([false, false]);
  say('app_assigned', { ...ids, generation: 2, env: {} });
  expect([may(), may('local', third)]).toEqual([false, true]);
});
