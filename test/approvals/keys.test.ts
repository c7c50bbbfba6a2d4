import { expect, test } from 'vitest';
import { approve, issue, TINY } from '../../src/node/testing/index.ts';
import { calls, useSite } from './site.ts';

const { node, site } = useSite();

const headers = { 'idempotency-key': 'the-same' };
const manifest = (rest: string) =>
  `[app]\nid = "${TINY}"\nname = "site"\n${rest}[build]\nassets = "public"\n`;
const files = (text: string, rest = '') => ({ 'tabbify.toml': manifest(rest), 'public/index.html': text });
const PUBLIC = 'visibility = "public"\n';

/** Says yes, or no, under the key. */
async function decide(verb: 'approve' | 'deny', approval: string, token = node().token) {
  const { json: seen } = await node().call(`/v1/approvals/${approval}`);
  const json = verb === 'deny' ? {} : { difference: seen.difference, digest: seen.digest };
  return node().call(`/v1/approvals/${approval}/${verb}`, { method: 'POST', json, headers, token });
}

test('other bytes under the key of a push are published by nobody', async () => {
  const first = await node().push(TINY, files('one'), { headers });
  const other = await node().push(TINY, files('two', PUBLIC), { headers });
  expect([first.status, other.json.version, other.json.digest]).toEqual([201, 1, first.json.digest]);
  expect((await site().deploy()).phase).toBe('switched');
  expect([
    (await node().call(`/v1/apps/${TINY}/versions`)).json.versions.length,
    await site().stranger(),
  ]).toEqual([1, 401]);
});

test('another version under the key of a deployment is put in place by nobody', async () => {
  await site().push({ text: 'one' });
  await site().push({ text: 'two', isPublic: true });
  const ask = (version: number) =>
    node().call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json: { version }, headers });
  const first = await ask(1);
  expect((await site().ended(first.json.deployment_id)).phase).toBe('switched');
  expect((await ask(2)).json.code).toBe('idempotency_conflict');
  expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
});

test('a no is not turned into a yes by its own key, and a yes of one is not that of another', async () => {
  await site().push({ isPublic: true });
  const denied = await site().deploy();
  expect((await decide('deny', denied.approval)).json.status).toBe('denied');
  expect((await decide('approve', denied.approval)).json.code).toBe('approval_ended');
  expect(await site().grants()).toEqual([]);
  const policy = { policy: '[approvals]\npersons = 2\n' };
  expect((await node().call('/v1/policy', { method: 'PUT', json: policy })).status).toBe(200);
  const held = await site().deploy();
  for (const _again of [1, 2])
    expect((await decide('approve', held.approval)).json).toMatchObject({
      status: 'open',
      granted_by: ['user:owner'],
    });
  const { token } = await issue(node(), { name: 'dev', role: 'developer' });
  expect((await decide('approve', held.approval, token)).status).toBe(403);
  expect(await site().grants()).toEqual([]);
  const dana = await issue(node(), { name: 'dana', role: 'approver' });
  expect((await decide('approve', held.approval, dana.token)).json.status).toBe('granted');
});

test('what was granted again is taken back again, also under the key that took it back before', async () => {
  const revoke = () =>
    node().call(`/v1/apps/${TINY}/grants/visibility%3Apublic`, { method: 'DELETE', headers });
  await site().push({ isPublic: true });
  for (const _turn of [1, 2]) {
    expect((await site().deployApproved()).phase).toBe('switched');
    expect(await site().stranger()).toBe('text');
    expect([(await revoke()).status, await site().grants(), await site().stranger()]).toEqual([204, [], 401]);
  }
});

test('another policy under the key of one is said not to be in force, nor to wait', async () => {
  const put = (policy: string) => node().call('/v1/policy', { method: 'PUT', json: { policy }, headers });
  const two = '[approvals]\npersons = 2\n';
  expect((await put('')).json).toEqual({ policy: '', approval: null });
  expect((await put('')).status).toBe(200);
  expect((await put(two)).json.code).toBe('idempotency_conflict');
  await node().call('/v1/policy', { method: 'PUT', json: { policy: two } });
  expect((await put('[approvals]\npersons = 3\n')).json.code).toBe('idempotency_conflict');
  expect((await node().call('/v1/policy')).json).toEqual({ policy: two, approval: null });
});

test('of a wide line and a narrow one that stand together, the wide one takes both along', async () => {
  await site().push({ rest: calls('*.example.com', 'api.example.com', 'other.example') });
  expect((await site().deployApproved()).phase).toBe('switched');
  const narrow = await site().revoke('http:api.example.com');
  expect([narrow.status, narrow.json.code]).toEqual([409, 'grant_covered']);
  expect((await site().revoke('http:*.example.com')).status).toBe(204);
  expect(await site().grants()).toEqual(['http:other.example']);
  expect((await approve(node(), (await site().deploy()).approval)).status).toBe(200);
});
