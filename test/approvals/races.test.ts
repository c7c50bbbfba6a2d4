import { expect, test } from 'vitest';
import { approve } from '../../src/node/testing/index.ts';
import { calls, useSite } from './site.ts';

const { node, site } = useSite();

const statusOf = async (approval: string) => (await node().call(`/v1/approvals/${approval}`)).json.status;

test('what is revoked while another yes is said stays revoked, whichever is first', async () => {
  await site().push({ isPublic: true });
  expect((await site().deployApproved()).phase).toBe('switched');
  await site().push({ isPublic: true, rest: calls('api.example.com') });
  const held = await site().deploy();
  const [yes, revoked] = await Promise.all([
    approve(node(), held.approval),
    site().revoke('visibility:public'),
  ]);
  expect([yes.status, revoked.status]).toEqual([200, 204]);
  await site().ended(held.id);
  expect(await site().grants()).not.toContain('visibility:public');
  expect(await site().stranger()).toBe(401);
});

test('a yes that comes together with a newer deployment puts nothing in place that nobody said yes to', async () => {
  await site().push();
  expect((await site().deploy()).phase).toBe('switched');
  await site().push({ isPublic: true });
  const held = await site().deploy();
  await site().push({ text: 'private again' });
  const [yes, newer] = await Promise.all([approve(node(), held.approval), site().deploy()]);
  expect((await site().ended(newer.id)).phase).toBe('switched');
  expect([yes.status, await statusOf(held.approval)]).toEqual(
    yes.status === 200 ? [200, 'granted'] : [409, 'withdrawn'],
  );
  expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
});

test('a yes to what was seen before a push counts for nothing that was asked after it', async () => {
  await site().push({ isPublic: true });
  const before = await site().deploy();
  const { json: seen } = await node().call(`/v1/approvals/${before.approval}`);
  await site().push({ isPublic: true, rest: calls('api.example.com') });
  const after = await site().deploy();
  for (const { difference, digest } of [seen, { ...seen, digest: null }]) {
    const json = { difference, ...(digest !== null && { digest }) };
    const path = `/v1/approvals/${after.approval}/approve`;
    expect((await node().call(path, { method: 'POST', json })).json.code).toBe('approval_changed');
  }
  expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
});

test('of two deployments that are approved at once, the one that gave way gets nothing', async () => {
  await site().push({ isPublic: true, text: 'one' });
  const one = await site().deploy();
  await site().push({ isPublic: true, text: 'two' });
  const two = await site().deploy();
  const [first, second] = await Promise.all([approve(node(), one.approval), approve(node(), two.approval)]);
  expect([first.json.code, second.status]).toEqual(['approval_ended', 200]);
  expect((await site().ended(two.id)).phase).toBe('switched');
  expect(await site().stranger()).toBe('two');
});

test('a policy that comes to want two persons while one decides is not got round by the deployment after it', async () => {
  await site().push({ isPublic: true });
  await site().deploy();
  const json = { policy: '[approvals]\npersons = 2\n' };
  expect((await node().call('/v1/policy', { method: 'PUT', json })).status).toBe(200);
  const held = await site().deploy();
  expect((await approve(node(), held.approval)).json).toMatchObject({ status: 'open', persons: 2 });
  expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
});
