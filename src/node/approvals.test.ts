import { afterEach, beforeEach, expect, test } from 'vitest';
import { approve, deployApproved, untilHeld } from './testing/approvals.ts';
import { TINY } from './testing/apps.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue } from './testing/tokens.ts';

let node: RunningNode;
let now: number;
beforeEach(async () => {
  now = Date.now();
  node = await startTestNode({ asksPersons: true, clock: { now: () => now } });
});
afterEach(() => node.close());

const ALONE = '[build]\nassets = "public"\n';
const PUBLIC = 'visibility = "public"\n';

const manifestOf = (name: string, rest: string) => `[app]\nid = "${TINY}"\nname = "${name}"\n${rest}`;

/** A site: static files alone, so that no host is needed. */
const site = (text: string, { app = '', rest = '' } = {}) => ({
  'tabbify.toml': manifestOf('site', `${app}${ALONE}${rest}`),
  'public/index.html': text,
});

async function push(
  text: string,
  options: { app?: string; rest?: string } = {},
  token?: string,
): Promise<number> {
  const pushed = await node.push(TINY, site(text, options), token === undefined ? {} : { token });
  expect([pushed.status, pushed.text]).toEqual([201, expect.anything()]);
  return pushed.json.version;
}

async function ask(verb: 'deploy' | 'rollback', json: object = {}, token?: string): Promise<string> {
  const as = token === undefined ? {} : { token };
  const asked = await node.call(`/v1/apps/${TINY}/${verb}`, { method: 'POST', json, ...as });
  expect([asked.status, asked.text]).toEqual([202, expect.anything()]);
  return asked.json.deployment_id;
}

/** As a stranger sees it, on the path mount. */
const seen = async () => {
  const { status, text } = await node.call(`/app/${TINY}/`, { token: null });
  return status === 200 ? text : status;
};
const grants = async () =>
  (await node.call(`/v1/apps/${TINY}/grants`)).json.grants.map(
    (each: { capability: string }) => each.capability,
  );
const ended = async (id: string) => {
  await node.call(`/v1/deployments/${id}/stream`);
  return (await node.call(`/v1/deployments/${id}`)).json;
};

test('an app is public when a person has said so, and not a moment before', async () => {
  await push('one', { app: PUBLIC });
  const id = await ask('deploy');
  const held = await untilHeld(node, id);
  expect([held.phase, await seen(), await grants()]).toEqual(['awaiting_approval', 401, []]);
  const { json } = await node.call(`/v1/approvals/${held.approval}`);
  expect(json).toMatchObject({
    status: 'open',
    kind: 'deployment',
    version: 1,
    persons: 1,
    requested_by: 'user:owner',
  });
  expect(json.items).toMatchObject([
    { change: 'added', capability: 'visibility:public', key: 'app.visibility' },
  ]);
  expect((await approve(node, held.approval)).json).toMatchObject({
    status: 'granted',
    granted_by: ['user:owner'],
  });
  expect(await ended(id)).toMatchObject({ phase: 'switched' });
  expect([await seen(), await grants()]).toEqual(['one', ['visibility:public']]);
});

test('the version in place goes on serving while the next one waits, and stays when a person says no', async () => {
  await push('one', { app: PUBLIC });
  expect((await deployApproved(node, TINY)).json.phase).toBe('switched');
  await push('two', { app: PUBLIC, rest: '[capabilities]\nhttp_allow_list = ["*.stripe.com"]\n' });
  const id = await ask('deploy');
  const held = await untilHeld(node, id);
  expect([held.phase, await seen()]).toEqual(['awaiting_approval', 'one']);
  const no = await node.call(`/v1/approvals/${held.approval}/deny`, {
    method: 'POST',
    json: { reason: 'not all of it' },
  });
  expect(no.json).toMatchObject({ status: 'denied', denied_by: 'user:owner' });
  expect(await ended(id)).toMatchObject({
    phase: 'failed',
    stage: 'approval',
    reason: 'user:owner said no: not all of it',
  });
  expect([await seen(), await grants()]).toEqual(['one', ['visibility:public']]);
});

test('what nobody decides in time is denied, also when the node was away then', async () => {
  await push('one', { app: PUBLIC });
  const id = await ask('deploy');
  const held = await untilHeld(node, id);
  now += 24 * 60 * 60 * 1000 + 1;
  await node.restart();
  expect(await ended(id)).toMatchObject({ phase: 'failed', stage: 'approval' });
  expect((await node.call(`/v1/approvals/${held.approval}`)).json.status).toBe('expired');
  expect((await approve(node, held.approval)).json).toMatchObject({ code: 'approval_ended' });
  expect(await grants()).toEqual([]);
});

test('decided twice at once, one decision counts and the other is told of it', async () => {
  await push('one', { app: PUBLIC });
  const held = await untilHeld(node, await ask('deploy'));
  const dana = await issue(node, { name: 'dana', role: 'approver' });
  const answers = await Promise.all([
    approve(node, held.approval),
    node.call(`/v1/approvals/${held.approval}/deny`, { method: 'POST', json: {}, token: dana.token }),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)?.text).toMatch(/said (yes|no)/);
});

test('a decision counts for what was seen: another difference or digest is refused', async () => {
  await push('one', { app: PUBLIC });
  const held = await untilHeld(node, await ask('deploy'));
  for (const other of [{ difference: 'f'.repeat(64) }, { digest: 'f'.repeat(64) }]) {
    const answer = await approve(node, held.approval, other);
    expect([answer.status, answer.json.code]).toEqual([409, 'approval_changed']);
  }
  expect(await grants()).toEqual([]);
});

test('granted once it is for that deployment, and the next one asks again', async () => {
  await push('one', { app: PUBLIC });
  const held = await untilHeld(node, await ask('deploy'));
  expect((await approve(node, held.approval, { once: true })).status).toBe(200);
  expect(await ended(held.id)).toMatchObject({ phase: 'switched' });
  expect(await seen()).toBe('one');
  await push('two', { app: PUBLIC });
  expect((await untilHeld(node, await ask('deploy'))).phase).toBe('awaiting_approval');
  expect(await seen()).toBe('one');
});

test('what was revoked is gone at once, and no rollback gives it back', async () => {
  await push('one', { app: PUBLIC });
  await deployApproved(node, TINY);
  await push('two', { app: PUBLIC });
  expect((await deployApproved(node, TINY)).json.approval).toBeNull();
  const answer = await node.call(`/v1/apps/${TINY}/grants/${encodeURIComponent('visibility:public')}`, {
    method: 'DELETE',
  });
  expect([answer.status, await seen(), await grants()]).toEqual([204, 401, []]);
  const held = await untilHeld(node, await ask('rollback'));
  expect([held.phase, await seen()]).toEqual(['awaiting_approval', 401]);
});

test('a grant shrinks to what the version in place asks for', async () => {
  const asks = (...hosts: string[]) => ({
    rest: `[capabilities]\nhttp_allow_list = ${JSON.stringify(hosts)}\n`,
  });
  await push('one', asks('*.stripe.com', 'api.example.com'));
  await deployApproved(node, TINY);
  expect(await grants()).toEqual(['http:*.stripe.com', 'http:api.example.com']);
  await push('two', asks('api.stripe.com'));
  expect((await deployApproved(node, TINY)).json.approval).toBeNull();
  expect(await grants()).toEqual(['http:api.stripe.com']);
});

test('what an agent publishes waits for a person, also when it asks for nothing new', async () => {
  const agent = await issue(node, { kind: 'agent', name: 'writer', scopes: ['read', 'deploy'] });
  await push('one');
  await deployApproved(node, TINY);
  await push('two', {}, agent.token);
  const id = await ask('deploy', {}, agent.token);
  const held = await untilHeld(node, id);
  expect(held.phase).toBe('awaiting_approval');
  const own = await approve(node, held.approval, {}, agent.token);
  expect([own.status, own.json.code]).toEqual([403, 'not_allowed']);
  expect((await approve(node, held.approval)).status).toBe(200);
  expect(await ended(id)).toMatchObject({ phase: 'switched' });
});

test('an agent renames nothing, removes no version and calls off only what it asked for', async () => {
  const agent = await issue(node, { kind: 'agent', name: 'writer', scopes: ['read', 'deploy'] });
  await push('one');
  await deployApproved(node, TINY);
  const files = { ...site('two'), 'tabbify.toml': manifestOf('other', ALONE) };
  const renamed = await node.push(TINY, files, { token: agent.token });
  expect([renamed.status, renamed.json.code]).toEqual([403, 'person_needed']);
  const removed = await node.call(`/v1/apps/${TINY}/versions/1`, { method: 'DELETE', token: agent.token });
  expect([removed.status, removed.json.code]).toEqual([403, 'person_needed']);
  await push('three', { app: PUBLIC });
  const held = await untilHeld(node, await ask('deploy'));
  const off = await node.call(`/v1/deployments/${held.id}`, { method: 'DELETE', token: agent.token });
  expect([off.status, off.json.code]).toEqual([403, 'person_needed']);
});

test('an agent’s purge waits, and is done when a person says yes', async () => {
  const agent = await issue(node, { kind: 'agent', name: 'writer', scopes: ['read', 'deploy'] });
  await push('one', { app: PUBLIC });
  await deployApproved(node, TINY);
  const asked = await node.call(`/v1/apps/${TINY}/purge`, { method: 'POST', json: {}, token: agent.token });
  expect([asked.status, await seen()]).toEqual([202, 'one']);
  expect((await approve(node, asked.json.approval)).status).toBe(200);
  await expect.poll(seen).not.toBe('one');
});

test('what an agent wants names what it waits for, however much else waits; what a person wants is done', async () => {
  const agent = await issue(node, { kind: 'agent', name: 'writer', scopes: ['read', 'deploy'] });
  await push('one', { app: PUBLIC });
  await deployApproved(node, TINY);
  const purge = async (token = node.token) =>
    (await node.call(`/v1/apps/${TINY}/purge`, { method: 'POST', json: {}, token })).json;
  const first = await purge(agent.token);
  expect(first.waits).toBe(true);
  await push('two', { app: PUBLIC });
  const held = await untilHeld(node, await ask('deploy', {}, agent.token));
  expect(held.approval).not.toBe(first.approval);
  expect(await purge(agent.token)).toMatchObject({ approval: first.approval, waits: true });
  expect((await purge()).waits).toBe(false);
});

test('a newer deployment takes the turn of one that waits, whose approval is over with it', async () => {
  await push('one', { app: PUBLIC });
  const first = await untilHeld(node, await ask('deploy'));
  await push('two');
  expect((await deployApproved(node, TINY)).json.phase).toBe('switched');
  expect((await node.call(`/v1/approvals/${first.approval}`)).json.status).toBe('withdrawn');
  const late = await approve(node, first.approval);
  expect([late.status, late.json.code, await grants()]).toEqual([409, 'approval_ended', []]);
  expect((await node.call('/v1/approvals?status=withdrawn')).json.approvals).toHaveLength(1);
  expect((await node.call('/v1/approvals?status=open')).json.approvals).toEqual([]);
});

test('where the policy wants two persons, one is not enough, and neither is one who says it twice', async () => {
  const policy =
    '[approvals]\npersons = 2\n[[test]]\nname = "public"\nactor = "person"\napp = "site"\nadds = ["visibility:public"]\nexpect = "2 persons"\n';
  expect((await node.call('/v1/policy', { method: 'PUT', json: { policy } })).status).toBe(200);
  await push('one', { app: PUBLIC });
  const held = await untilHeld(node, await ask('deploy'));
  expect((await approve(node, held.approval)).json).toMatchObject({
    status: 'open',
    persons: 2,
    granted_by: ['user:owner'],
  });
  expect((await approve(node, held.approval)).json.code).toBe('approval_given');
  expect([(await untilHeld(node, held.id)).phase, await seen()]).toEqual(['awaiting_approval', 401]);
  const dana = await issue(node, { name: 'dana', role: 'approver' });
  expect((await approve(node, held.approval, {}, dana.token)).json.status).toBe('granted');
  expect(await ended(held.id)).toMatchObject({ phase: 'switched' });
  const loose = await node.call('/v1/policy', { method: 'PUT', json: { policy: '' } });
  expect([loose.status, loose.json.policy]).toEqual([202, policy]);
  expect((await approve(node, loose.json.approval)).json.status).toBe('open');
  expect((await approve(node, loose.json.approval, {}, dana.token)).json.status).toBe('granted');
  expect((await node.call('/v1/policy')).json).toEqual({ policy: '', approval: null });
});

test('a policy whose own test fails is refused, naming it, and the one in force stays', async () => {
  const policy =
    '[[test]]\nname = "nobody is asked"\nactor = "agent"\napp = "site"\nadds = ["visibility:public"]\nexpect = "granted"\n';
  const answer = await node.call('/v1/policy', { method: 'PUT', json: { policy } });
  expect([answer.status, answer.json.code]).toEqual([400, 'policy_invalid']);
  expect(answer.text).toContain('nobody is asked');
  expect((await node.call('/v1/policy')).json.policy).toBeNull();
});

test('a rule that denies fails the deployment and asks nobody', async () => {
  const policy = '[[rule]]\nmatch = "visibility:public"\ndecision = "deny"\n';
  expect((await node.call('/v1/policy', { method: 'PUT', json: { policy } })).status).toBe(200);
  await push('one', { app: PUBLIC });
  expect(await ended(await ask('deploy'))).toMatchObject({ phase: 'failed', stage: 'approval' });
  expect((await node.call('/v1/approvals')).json.approvals).toEqual([]);
});

test('a policy that has become stricter counts for what was asked before it', async () => {
  await push('one', { app: PUBLIC });
  const held = await untilHeld(node, await ask('deploy'));
  const put = (policy: string) => node.call('/v1/policy', { method: 'PUT', json: { policy } });
  expect((await put('[[rule]]\nmatch = "visibility:public"\ndecision = "deny"\n')).status).toBe(200);
  expect([(await approve(node, held.approval)).json.code, await grants()]).toEqual(['not_allowed', []]);
  expect((await put('[approvals]\npersons = 2\n')).status).toBe(200);
  expect((await approve(node, held.approval)).json).toMatchObject({ status: 'open', persons: 2 });
  expect(await grants()).toEqual([]);
});

test('who proposed another policy before the one in force became stricter is held to the stricter one', async () => {
  const put = async (policy: string) =>
    (await node.call('/v1/policy', { method: 'PUT', json: { policy } })).json.approval as string | null;
  const persons = (count: number) => `[approvals]\npersons = ${count}\n`;
  const others = [];
  for (const name of ['ann', 'ben', 'cid']) others.push((await issue(node, { name, role: 'owner' })).token);
  const [ann, ben, cid] = others;
  expect(await put(persons(2))).toBeNull();
  const lenient = (await put(persons(1))) ?? '';
  const strict = (await put(persons(3))) ?? '';
  await approve(node, strict, {}, ann);
  expect((await approve(node, strict, {}, ben)).json.status).toBe('granted');
  expect((await node.call(`/v1/approvals/${lenient}`)).json.persons).toBe(3);
  await approve(node, lenient, {}, ann);
  expect((await approve(node, lenient, {}, ben)).json.status).toBe('open');
  expect((await node.call('/v1/policy')).json.policy).toBe(persons(3));
  expect((await approve(node, lenient, {}, cid)).json.status).toBe('granted');
});
