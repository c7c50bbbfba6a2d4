import { expect, test } from 'vitest';
import { approve, issue } from '../../src/node/testing/index.ts';
import { useSite } from './site.ts';

const { node, site } = useSite();

const end = (id: string) => node().call(`/v1/tokens/${id}`, { method: 'DELETE' });
const wantTwo = () =>
  node().call('/v1/policy', { method: 'PUT', json: { policy: '[approvals]\npersons = 2\n' } });
const shown = async (approval: string) => (await node().call(`/v1/approvals/${approval}`)).json;

/** Two persons have to say yes, and the first of two has. */
async function saidByDana() {
  const dana = await issue(node(), { name: 'dana', role: 'approver' });
  const eve = await issue(node(), { name: 'eve', role: 'approver' });
  await wantTwo();
  await site().push({ isPublic: true });
  const held = await site().deploy();
  expect((await approve(node(), held.approval, {}, dana.token)).json.granted_by).toEqual(['user:dana']);
  return { dana, eve, held };
}

test('whoever is dismissed while it waits decides nothing any more', async () => {
  const dana = await issue(node(), { name: 'dana', role: 'approver' });
  await site().push({ isPublic: true });
  const held = await site().deploy();
  const [, yes] = await Promise.all([
    end(dana.id),
    approve(node(), held.approval, {}, dana.token).catch(() => null),
  ]);
  const late = await approve(node(), held.approval, {}, dana.token).catch(() => null);
  expect(late?.status ?? 401).toBe(401);
  const { status, granted_by: by } = await shown(held.approval);
  expect([status, by]).toEqual(yes?.status === 200 ? ['granted', ['user:dana']] : ['open', []]);
});

test.each([
  ['was dismissed', async (id: string) => end(id)],
  ['may not decide any more', async () => issue(node(), { name: 'dana', role: 'viewer', replace: true })],
])('a first yes of somebody who %s is completed by nobody', async (_, lose) => {
  const { dana, eve, held } = await saidByDana();
  await lose(dana.id);
  expect((await shown(held.approval)).granted_by).toEqual([]);
  const second = await approve(node(), held.approval, {}, eve.token);
  expect(second.json).toMatchObject({ status: 'open', granted_by: ['user:eve'] });
  expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
  expect((await approve(node(), held.approval)).json.status).toBe('granted');
  expect([(await site().ended(held.id)).phase, await site().stranger()]).toEqual(['switched', 'text']);
});

test.each([
  ['revoked and issued anew', end],
  ['replaced', async () => {}],
])(
  'what was said with a token that was then %s, the next one does not stand for; its owner says it himself',
  async (_, lose) => {
    const { dana, eve, held } = await saidByDana();
    await lose(dana.id);
    const again = await issue(node(), { name: 'dana', role: 'approver', replace: true });
    expect((await shown(held.approval)).granted_by).toEqual([]);
    const second = await approve(node(), held.approval, {}, eve.token);
    expect(second.json).toMatchObject({ status: 'open', granted_by: ['user:eve'] });
    expect([await site().grants(), await site().stranger()]).toEqual([[], 401]);
    const third = await approve(node(), held.approval, {}, again.token);
    expect(third.json).toMatchObject({ status: 'granted', granted_by: ['user:dana', 'user:eve'] });
    expect([(await site().ended(held.id)).phase, await site().stranger()]).toEqual(['switched', 'text']);
  },
);

test('who has let his credential expire has said yes, before and after he is given the next one', async () => {
  const short = { name: 'dana', role: 'approver', expires_in_days: 0.01 };
  const dana = await issue(node(), short);
  const eve = await issue(node(), { name: 'eve', role: 'approver' });
  await wantTwo();
  await site().push({ isPublic: true });
  const held = await site().deploy();
  await approve(node(), held.approval, {}, dana.token);
  await node().restart({ clock: { now: () => Date.now() + 3_600_000 } });
  expect((await shown(held.approval)).granted_by).toEqual(['user:dana']);
  await issue(node(), short);
  expect((await shown(held.approval)).granted_by).toEqual(['user:dana']);
  expect((await approve(node(), held.approval, {}, eve.token)).json.status).toBe('granted');
});

test('what somebody asked for who was dismissed waits on, says who it was, and obeys him no more', async () => {
  const dev = await issue(node(), { name: 'dev', role: 'developer' });
  await site().push({ isPublic: true, token: dev.token });
  const held = await site().deploy({}, dev.token);
  await end(dev.id);
  const off = await node().call(`/v1/deployments/${held.id}`, { method: 'DELETE', token: dev.token });
  expect([off.status, await site().stranger()]).toEqual([401, 401]);
  expect(await shown(held.approval)).toMatchObject({ status: 'open', requested_by: 'user:dev' });
  expect((await approve(node(), held.approval)).status).toBe(200);
  expect((await site().ended(held.id)).phase).toBe('switched');
});
