import { expect, test } from 'vitest';
import { approve, OTHER, TINY } from '../../src/node/testing/index.ts';
import { calls, siteOf, useSite } from './site.ts';

const THIRD = '0191e7c2-0000-7000-8000-000000000003';
const ORDERS = 'http:app:orders';

const { node, site: shop } = useSite('shop');

/** Apps that a grant binds, by capability. */
async function bound(): Promise<Record<string, string | null>> {
  const { json } = await node().call('/v1/state');
  const app = json.apps.find(({ uuid }: { uuid: string }) => uuid === TINY);
  return Object.fromEntries(
    app.grants.map((each: { capability: string; app: string | null }) => [each.capability, each.app]),
  );
}

test('an app that takes the name of another while a person decides gets nothing of his yes', async () => {
  const orders = siteOf(node(), OTHER, 'orders');
  await orders.push();
  await shop().push({ rest: calls('app:orders') });
  const held = await shop().deploy();
  await orders.push({ name: 'archive' });
  await siteOf(node(), THIRD, 'orders').push();
  expect((await approve(node(), held.approval)).json.status).toBe('granted');
  expect(await bound()).toEqual({ [ORDERS]: OTHER });
  expect(await shop().ended(held.id)).toMatchObject({ phase: 'failed', stage: 'approval' });
});

test('an app that takes the name later is asked for anew', async () => {
  const orders = siteOf(node(), OTHER, 'orders');
  await orders.push();
  await shop().push({ rest: calls('app:orders') });
  expect((await shop().deployApproved()).phase).toBe('switched');
  expect((await shop().deploy()).phase).toBe('switched');
  await orders.push({ name: 'archive' });
  await siteOf(node(), THIRD, 'orders').push();
  const again = await shop().deploy();
  expect([again.phase, await bound()]).toEqual(['awaiting_approval', { [ORDERS]: OTHER }]);
  expect((await approve(node(), again.approval)).json.status).toBe('granted');
  expect((await shop().ended(again.id)).phase).toBe('switched');
  expect(await bound()).toEqual({ [ORDERS]: THIRD });
});

test('a name that nobody had when it was granted is nobody’s, whoever takes it', async () => {
  await shop().push({ rest: calls('app:orders') });
  expect((await shop().deployApproved()).phase).toBe('switched');
  await siteOf(node(), OTHER, 'orders').push();
  expect([await bound(), (await shop().deploy()).phase]).toEqual([{ [ORDERS]: null }, 'awaiting_approval']);
});
