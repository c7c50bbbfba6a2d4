import { expect, test } from 'vitest';
import { grantedNow } from '../grants.ts';
import {
  APP,
  APPROVAL,
  DEPLOYMENT,
  digest,
  historian,
  NEWER_DEPLOYMENT,
  OTHER_APP,
} from '../testing/examples.ts';
import { foldEvents } from './fold.ts';

const STRIPE = 'http:api.stripe.com';
const WIDER = 'http:*.stripe.com';
const OTHER_APPROVAL = '0191e7c2-eeee-7222-8333-000000000002';
/** Where a deployment goes. */
const LOCAL = {
  ...{ supervisor: 'local', runtime: 'wasm-http' as const, env: {}, wall: null, stands_in_for: null },
  address: 'fd5a:1f02:44a5:240b:121a::1',
};
/** Static files alone: what is asked for is in place without a host. */
const ALONE = { folder: 'public', alone: true };

function office() {
  const { events, say } = historian();
  say('app_registered');
  const state = () => foldEvents(events);
  return {
    say,
    state,
    publish: (version: number, requests: string[], inherited: string[] = []) =>
      say('version_published', { version, requests, inherited, secrets: [], targets: [], assets: ALONE }),
    deploy: (version: number, id = DEPLOYMENT) => say('deployment_requested', { version, deployment_id: id }),
    ask: (added: string[], more: Record<string, unknown> = {}) =>
      say('approval_requested', { added, widened: [], removed: [], ...more }),
    yes: (more: Record<string, unknown> = {}, actor = 'user:dana') =>
      say('approval_granted', more, { actor }),
    succeed: (version: number, id = DEPLOYMENT) =>
      say('deployment_succeeded', { version, deployment_id: id }),
    granted: (id: string | null = null) => grantedNow(state(), state().apps.get(APP)!, id).sort(),
    approval: (id = APPROVAL) => state().approvals.get(id)?.status,
    phase: (id = DEPLOYMENT) => state().deployments.get(id)?.phase,
  };
}

test('two persons have to say yes, and one who says it twice is one', () => {
  const { publish, deploy, ask, yes, granted, approval, phase } = office();
  publish(1, [STRIPE]);
  deploy(1);
  ask([STRIPE], { persons: 2 });
  yes({ complete: false });
  yes({ complete: true });
  expect([approval(), phase(), granted()]).toEqual(['open', 'awaiting_approval', []]);
  yes({ complete: true }, 'user:eve');
  expect([approval(), phase(), granted()]).toEqual(['granted', 'approved', [STRIPE]]);
});

test('a yes to another difference is none', () => {
  const { publish, deploy, ask, yes, granted, phase } = office();
  publish(1, [STRIPE]);
  deploy(1);
  ask([STRIPE]);
  yes({ difference: digest(0xbad) });
  expect([phase(), granted()]).toEqual(['awaiting_approval', []]);
});

test('what is granted once is for this deployment and gone with the next', () => {
  const { publish, deploy, ask, yes, succeed, granted } = office();
  publish(1, [STRIPE]);
  deploy(1);
  ask([STRIPE]);
  yes({ once: true });
  succeed(1);
  expect([granted(DEPLOYMENT), granted(NEWER_DEPLOYMENT)]).toEqual([[STRIPE], []]);
  deploy(1, NEWER_DEPLOYMENT);
  succeed(1, NEWER_DEPLOYMENT);
  expect([granted(DEPLOYMENT), granted(NEWER_DEPLOYMENT)]).toEqual([[], []]);
});

test.each([
  ['deployment_superseded', { by: NEWER_DEPLOYMENT }],
  ['deployment_cancelled', {}],
  ['deployment_failed', { stage: 'approval' }],
] as const)('%s ends what it waited for, and a yes comes too late', (type, data) => {
  const { publish, deploy, ask, yes, say, granted, approval, state } = office();
  publish(1, [STRIPE]);
  deploy(1);
  ask([STRIPE]);
  say(type, data);
  expect([approval(), state().openApprovals.size]).toEqual(['withdrawn', 0]);
  yes();
  expect([approval(), granted()]).toEqual(['withdrawn', []]);
});

test('what is in place is granted what it asks for and no more than that', () => {
  const { publish, deploy, ask, yes, succeed, granted } = office();
  publish(1, [WIDER, 'secret:k']);
  deploy(1);
  ask([WIDER, 'secret:k']);
  yes();
  succeed(1);
  publish(2, [STRIPE, 'http:other.example']);
  deploy(2, NEWER_DEPLOYMENT);
  expect(granted()).toEqual([WIDER, 'secret:k']);
  succeed(2, NEWER_DEPLOYMENT);
  expect(granted()).toEqual([STRIPE]);
});

test('a version from before approvals has what it had; revoked, it does not come back with it', () => {
  const { publish, deploy, succeed, say, granted } = office();
  publish(1, ['visibility:public'], ['visibility:public']);
  deploy(1);
  succeed(1);
  expect(granted()).toEqual(['visibility:public']);
  say('grant_revoked', { capability: 'visibility:public' });
  deploy(1, NEWER_DEPLOYMENT);
  succeed(1, NEWER_DEPLOYMENT);
  expect(granted()).toEqual([]);
});

test('what is taken back takes along all that it takes in, also of versions from before approvals', () => {
  const { publish, deploy, ask, yes, succeed, say, granted, state } = office();
  publish(1, [STRIPE, WIDER, 'http:other.example'], [STRIPE]);
  deploy(1);
  ask([STRIPE, WIDER, 'http:other.example']);
  yes();
  succeed(1);
  say('grant_revoked', { capability: WIDER });
  expect(granted()).toEqual(['http:other.example']);
  expect(state().apps.get(APP)?.versions.get(1)?.inherited).toEqual([]);
});

test('a yes to a host stays while the app is there, whatever the next version names, and a host that was decided on is kept in mind', () => {
  const { publish, deploy, ask, yes, succeed, say, granted, state } = office();
  const place = (id: string, generation: number) => {
    const about = { deployment_id: id, generation };
    say('deployment_placed', { ...about, targets: [{ ...LOCAL, supervisor: 'attic' }] });
    say('app_assigned', { ...about, supervisor: 'attic' });
    say('assignment_applied', { generation }, { actor: 'supervisor:attic', supervisor: 'attic' });
  };
  publish(1, []);
  deploy(1);
  ask(['host:attic', 'host:cellar']);
  yes();
  place(DEPLOYMENT, 1);
  succeed(1);
  expect(granted()).toEqual(['host:attic']);
  deploy(1, NEWER_DEPLOYMENT);
  place(NEWER_DEPLOYMENT, 2);
  succeed(1, NEWER_DEPLOYMENT);
  expect(granted()).toEqual(['host:attic']);
  say('grant_revoked', { capability: 'host:attic' });
  const app = state().apps.get(APP);
  expect([granted(), [...(app?.decidedHosts ?? [])]]).toEqual([[], ['host:attic', 'host:cellar']]);
});

test('what was granted beside the manifest stays when a version is put in place', () => {
  const { publish, deploy, ask, yes, succeed, say, granted } = office();
  ask([STRIPE], { kind: 'capability', deployment_id: null, version: null, digest: null });
  yes();
  publish(1, []);
  deploy(1);
  succeed(1);
  expect(granted()).toEqual([STRIPE]);
  say('grant_revoked', { capability: STRIPE });
  expect(granted()).toEqual([]);
});

test('a grant for an app is for the one that has the name then', () => {
  const { publish, deploy, ask, yes, say, state } = office();
  say('app_registered', { app: OTHER_APP, name: 'Shop', slug: 'shop', ula: 'fd5a:1f02:44a5:240b:121a::2' });
  publish(1, ['http:app:shop', 'http:app:nobody']);
  deploy(1);
  ask(['http:app:shop', 'http:app:nobody']);
  yes();
  const bound = [...state().apps.get(APP)!.grants.values()].map(({ capability, app }) => [capability, app]);
  expect(bound).toEqual([
    ['http:app:shop', OTHER_APP],
    ['http:app:nobody', null],
  ]);
});

test('of an approval that has ended nothing changes it, whoever says it', () => {
  const { publish, deploy, ask, yes, say, approval, granted } = office();
  publish(1, [STRIPE]);
  deploy(1);
  ask([STRIPE]);
  say('approval_denied', { reason: 'no' }, { actor: 'user:eve' });
  yes();
  say('approval_expired');
  expect([approval(), granted(), approval(OTHER_APPROVAL)]).toEqual(['denied', [], undefined]);
});
