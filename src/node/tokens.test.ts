import { afterEach, beforeEach, expect, test } from 'vitest';
import { tokenHash } from './credentials/token.ts';
import { untilHeld } from './testing/approvals.ts';
import { OTHER, TINY, tinyApp } from './testing/apps.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue, openOffice } from './testing/tokens.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

const post = (json: unknown, options: { token?: string; headers?: Record<string, string> } = {}) =>
  node.call('/v1/tokens', { method: 'POST', json, ...options });
const revoke = (id: string, options: { token?: string; headers?: Record<string, string> } = {}) =>
  node.call(`/v1/tokens/${id}`, { method: 'DELETE', ...options });

test('a token is shown once, kept as a hash, and does what its role says', async () => {
  const answer = await post({ name: 'anna', role: 'viewer' });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { token, id, ...shown } = answer.json;
  expect(shown).toMatchObject({
    ...{ kind: 'person', name: 'anna', role: 'viewer', scopes: ['read'], state: 'active', replaced: null },
    ...{ created_by: 'user:owner', created_at: expect.any(String) },
  });
  const days = (Date.parse(shown.expires_at) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(89.9);
  expect(days).toBeLessThan(90.1);
  const listed = await node.call('/v1/tokens');
  expect(listed.text).not.toContain(token);
  expect(listed.text).not.toContain(tokenHash(token));
  expect(listed.json.tokens).toEqual([
    expect.objectContaining({ id, name: 'anna' }),
    expect.objectContaining({ name: 'owner', role: 'owner', expires_at: null }),
  ]);
  expect(JSON.stringify(await node.events())).not.toContain(token);
  expect((await node.call('/v1/apps', { token })).status).toBe(200);
  expect((await node.push(TINY, await tinyApp(), { token })).status).toBe(403);
  expect((await node.call('/v1/tokens', { token })).status).toBe(403);
});

test('each role reaches what its set says, and nothing else', async () => {
  await placeApp(node.log);
  const asks: Record<string, readonly [path: string, method: string]> = {
    read: ['/v1/apps', 'GET'],
    deploy: [`/v1/apps/${TINY}/stop`, 'POST'],
    admin: ['/v1/tokens', 'GET'],
  };
  const may = { owner: 'read deploy admin', developer: 'read deploy', approver: 'read', viewer: 'read' };
  for (const [role, allowed] of Object.entries(may)) {
    const { token } = await issue(node, { name: role === 'owner' ? 'second' : role, role });
    for (const [scope, [path, method]] of Object.entries(asks)) {
      const { status } = await node.call(path, { method, token });
      expect([role, scope, status < 300 ? 'yes' : status]).toEqual([
        role,
        scope,
        allowed.includes(scope) ? 'yes' : 403,
      ]);
    }
  }
});

test('a revoked token ends; a repeat is told the same under its key, and else that there is none', async () => {
  const { token, id } = await issue(node, { name: 'anna', role: 'developer' });
  const headers = { 'idempotency-key': 'k1' };
  const ended = await revoke(id, { headers });
  expect(ended).toMatchObject({ status: 200, json: { id, state: 'revoked', warnings: [] } });
  expect((await node.call('/v1/apps', { token })).json).toMatchObject({
    status: 401,
    code: 'credential_missing',
  });
  expect((await revoke(id, { headers })).status).toBe(200);
  expect((await revoke(id)).json).toMatchObject({ status: 404, code: 'credential_unknown' });
  expect(
    (await node.events(['credential_revoked'])).map(({ actor, data }) => [actor, data.credential_id]),
  ).toEqual([['user:owner', id]]);
  await node.restart();
  expect((await node.call('/v1/apps', { token })).status).toBe(401);
});

test('a name has one token; a replaced one is named, ends, and is listed no more', async () => {
  const first = await issue(node, { name: 'ci', role: 'developer' });
  const refused = await post({ name: 'ci', role: 'viewer' });
  expect(refused.json).toMatchObject({
    status: 409,
    code: 'name_taken',
    detail: expect.stringContaining(first.id),
  });
  const second = await post({ name: 'ci', role: 'viewer', replace: true });
  expect(second).toMatchObject({
    status: 201,
    json: { id: first.id, role: 'viewer', replaced: { id: first.id, role: 'developer' } },
  });
  expect((await node.call('/v1/apps', { token: first.token })).status).toBe(401);
  expect((await node.call('/v1/apps', { token: second.json.token })).status).toBe(200);
  // another kind is another principal
  await issue(node, { name: 'ci', kind: 'agent', role: 'viewer' });
  const listed = (await node.call('/v1/tokens')).json.tokens;
  expect(listed.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`)).toEqual([
    'agent ci',
    'person ci',
    'person owner',
  ]);
});

test('a repeat under the same key issues nothing and cannot show the token again', async () => {
  const headers = { 'idempotency-key': 'once' };
  const first = await post({ name: 'ci', role: 'developer' }, { headers });
  expect(first.status).toBe(201);
  for (const body of [
    { name: 'ci', role: 'developer' },
    { name: 'ci', role: 'developer', replace: true },
    { name: 'other', role: 'developer' },
  ]) {
    const again = await post(body, { headers });
    expect(again.json).toMatchObject({ status: 409, code: 'idempotency_conflict' });
    expect(again.text).not.toContain('tbf_');
  }
  expect((await node.call('/v1/apps', { token: first.json.token })).status).toBe(200);
  await revoke(first.json.id);
  expect((await post({ name: 'ci', role: 'developer' }, { headers })).json.code).toBe('idempotency_conflict');
  expect(await node.events(['credential_issued'])).toHaveLength(2); // the owner's and this one
});

test('of requests at once for one name one wins, and the others are told', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => post({ name: 'ci', role: 'viewer' })));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
  expect((await node.events(['credential_issued'])).filter(({ data }) => data.name === 'ci')).toHaveLength(1);
});

test('nobody issues what he does not hold himself', async () => {
  const { token } = await issue(node, { name: 'admin', scopes: ['read', 'admin'] });
  expect((await post({ name: 'a', role: 'viewer' }, { token })).status).toBe(201);
  expect((await post({ name: 'b', scopes: ['admin'] }, { token })).status).toBe(201);
  for (const body of [
    { name: 'c', role: 'owner' },
    { name: 'c', role: 'developer' },
    { name: 'c', scopes: ['read', 'secrets:write'] },
  ]) {
    const refused = await post(body, { token });
    expect(refused.json).toMatchObject({ status: 403, code: 'not_allowed' });
  }
  expect((await node.events(['credential_issued'])).filter(({ data }) => data.name === 'c')).toEqual([]);
});

test.each([
  [{ name: 'x' }, 400],
  [{ name: 'x', role: 'viewer', scopes: ['read'] }, 400],
  [{ name: 'x', scopes: [] }, 400],
  [{ name: 'x', scopes: ['all'] }, 400],
  [{ name: 'x', role: 'king' }, 400],
  [{ name: 'x', role: 'viewer', kind: 'supervisor' }, 400],
  [{ name: 'x', role: 'viewer', expires_in_days: 0 }, 400],
  [{ name: 'x', role: 'viewer', expires_in_days: 4000 }, 400],
  [{ name: 'two words', role: 'viewer' }, 400],
  [{ name: 'Anna', role: 'viewer' }, 400],
  [{ name: 'owner', role: 'owner', replace: true }, 409],
  [{ name: 'x', kind: 'app', scopes: ['read'] }, 400],
  [{ name: OTHER, kind: 'app', scopes: ['read'] }, 404],
  [{ name: 'x', scopes: ['events:append:*'] }, 403],
  [{ name: 'x', scopes: ['events:append:tenant_default.*'] }, 403],
  [{ name: 'x', scopes: ['events:append:tenant_default.members'] }, 403],
  [{ name: 'x', scopes: ['events:append:tenant_default.audit.more'] }, 403],
  [{ name: 'x', scopes: ['events:append:tenant_other.code'] }, 403],
  [{ name: 'x', scopes: ['events:append:platform.hosts.local'] }, 403],
  [{ name: 'x', kind: 'agent', role: 'owner' }, 403],
  [{ name: 'x', kind: 'agent', role: 'developer' }, 403],
  [{ name: 'x', kind: 'agent', role: 'approver' }, 403],
  [{ name: 'x', kind: 'agent', scopes: ['read', 'secrets:write'] }, 403],
  [{ name: 'x', kind: 'agent', scopes: ['read', 'admin'] }, 403],
])('%j is refused with %i, and nothing is issued', async (body, status) => {
  const answer = await post(body);
  expect([answer.status, answer.json.hint !== undefined || status === 400 || status === 403]).toEqual([
    status,
    true,
  ]);
  expect(await node.events(['credential_issued'])).toHaveLength(1);
});

test('what an agent asks for waits for a person: nothing is put in place, started or stopped before that', async () => {
  await node.close();
  node = await startTestNode({ asksPersons: true });
  await placeApp(node.log);
  const { token } = await issue(node, { name: 'helper', kind: 'agent', scopes: ['read', 'deploy'] });
  expect((await node.call('/v1/apps', { token })).status).toBe(200);
  const before = (await node.events()).length;
  const other = '0191e7c2-3333-7222-8333-444455556666';
  const site = {
    'tabbify.toml': `[app]\nid = "${other}"\nname = "site"\n[build]\nassets = "public"\n`,
    'public/index.html': 'static files alone need no host',
  };
  expect((await node.push(other, site, { token })).status).toBe(201);
  for (const verb of ['start', 'stop']) {
    const asked = await node.call(`/v1/apps/${TINY}/${verb}`, { method: 'POST', token });
    expect([asked.status, asked.json.approval]).toEqual([202, expect.any(String)]);
  }
  const asked = await node.call(`/v1/apps/${other}/deploy`, { method: 'POST', token, json: {} });
  expect([asked.status, asked.text]).toEqual([202, expect.anything()]);
  const held = await untilHeld(node, asked.json.deployment_id);
  expect([held.phase, held.approval]).toEqual(['awaiting_approval', expect.any(String)]);
  for (const verb of ['approve', 'deny']) {
    const path = `/v1/approvals/${held.approval}/${verb}`;
    const decided = await node.call(path, { method: 'POST', token, json: { difference: 'x' } });
    expect(decided.status).toBeGreaterThanOrEqual(400);
  }
  const after = (await node.events()).slice(before).map(({ type }) => type);
  const harmless = [
    'request_refused',
    'version_published',
    'approval_requested',
    'deployment_requested',
    'app_registered',
  ];
  // by the node: what was placed has no files
  expect(after.filter((type) => ![...harmless, 'deployment_failed'].includes(type))).toEqual([]);
  expect(after.filter((type) => type === 'approval_requested')).toHaveLength(3);
});

test('a scope for a segment says events on exactly that one, under its own name', async () => {
  await placeApp(node.log);
  const segment = 'tenant_default.code';
  const scopes = [`events:append:${segment}`];
  const person = await issue(node, { name: 'hook', scopes });
  const app = await issue(node, { name: TINY, kind: 'app', scopes });
  const say = (token: string, event: Record<string, unknown>) =>
    node.call('/v1/events', { method: 'POST', token, json: { event } });
  const forged = {
    actor: 'user:owner',
    tenant: 'other',
    subject: 'app/forged',
    source: '/x',
    time: '1999-01-01T00:00:00Z',
  };
  expect((await say(person.token, { type: 'Pushed', segment, data: { n: 1 }, ...forged })).status).toBe(201);
  expect((await say(app.token, { type: 'Pushed', segment, ...forged })).status).toBe(201);
  const [byPerson, byApp] = await node.events(['Pushed']);
  expect(byPerson).toMatchObject({
    actor: 'user:hook',
    subject: 'user:hook',
    tenant: 'default',
    class: 'traffic',
  });
  expect(byApp).toMatchObject({
    actor: `app:${TINY}`,
    subject: `app/${TINY}`,
    tenant: 'default',
    class: 'traffic',
  });
  for (const { token } of [person, app]) {
    for (const event of [
      { type: 'Pushed', segment: 'tenant_default.codes' },
      { type: 'Pushed', segment: 'tenant_default.code.more' },
      { type: 'Pushed', segment: 'tenant_default.*' },
      { type: 'Pushed', segment: 'tenant_other.code' },
      { type: 'app_started', segment },
      { type: 'approval_granted', segment },
    ]) {
      expect([event, (await say(token, event)).status]).toEqual([event, 403]);
    }
    // an id that the platform derives must not be taken before it needs it
    expect(
      (await say(token, { id: '886313e1-3b8a-5372-9b90-0c9aee199e5d', type: 'Pushed', segment })).status,
    ).toBe(400);
    expect((await node.call('/v1/apps', { token })).status).toBe(403);
    expect((await node.call('/v1/events', { token })).status).toBe(403);
  }
  expect((await node.events(['Pushed', 'app_started', 'approval_granted'])).length).toBe(2);
});

test('offices keep their tokens apart', async () => {
  const boss = await openOffice(node, 'bakery');
  const mine = await issue(node, { name: 'anna', role: 'viewer' });
  const theirs = await issue(node, { name: 'anna', role: 'viewer' }, 'bakery');
  expect(theirs.id).not.toBe(mine.id);
  expect((await revoke(mine.id, { token: boss })).status).toBe(404);
  expect((await node.call('/v1/apps', { token: mine.token })).status).toBe(200);
  const listed = (await node.call('/v1/tokens', { token: boss })).json.tokens;
  expect(listed.map(({ name }: { name: string }) => name)).toEqual(['anna', 'boss']);
});
