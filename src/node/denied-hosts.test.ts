import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { domainEvent } from '../state/index.ts';
import { approve } from './testing/approvals.ts';
import { TINY } from './testing/apps.ts';
import { joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { placeApp } from './testing/placed-app.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode({ asksPersons: true });
});
afterEach(() => node.close());

const open = async () => (await node.call('/v1/approvals?status=open')).json.approvals;

/** A host says what it denied the app. */
async function denied(entry: string, times = 1) {
  const context = { actor: 'supervisor:local', source: '/supervisors/local' };
  await node.log.append(domainEvent('egress_denied', { app: TINY, generation: 1, entry, times }, context));
}

test('what a running app was denied is one word away from being granted, and its host hears of it at once', async () => {
  const supervisor = await joinFakeSupervisor(node, (_, response) => response.end());
  onTestFinished(() => supervisor.close());
  await placeApp(node.log);
  const desired = async () => {
    const { json } = await node.call('/v1/supervisors/local/desired', { token: supervisor.credential });
    return json.assignments[0].grant.http;
  };
  await denied('api.example.com');
  await expect.poll(open).toHaveLength(1);
  const [asked] = await open();
  expect(asked).toMatchObject({ kind: 'capability', app: TINY, requested_by: `app:${TINY}` });
  expect(asked.items).toMatchObject([{ change: 'added', capability: 'http:api.example.com' }]);
  expect(await desired()).toEqual([]);
  await denied('api.example.com', 5);
  expect((await approve(node, asked.id)).json.status).toBe('granted');
  expect([await desired(), await open()]).toEqual([['api.example.com'], []]);
  expect((await node.events(['app_grant_changed'])).map(({ segment }) => segment)).toEqual([
    'platform.hosts.local',
  ]);
  const path = `/v1/apps/${TINY}/grants/${encodeURIComponent('http:api.example.com')}`;
  expect((await node.call(path, { method: 'DELETE' })).status).toBe(204);
  expect([await desired(), (await node.events(['app_grant_changed'])).length]).toEqual([[], 2]);
});

test('what a person denied is not asked again, and an app that tries everything asks for twenty', async () => {
  await placeApp(node.log);
  await denied('api.example.com');
  await expect.poll(open).toHaveLength(1);
  const [{ id }] = await open();
  expect((await node.call(`/v1/approvals/${id}/deny`, { method: 'POST', json: {} })).status).toBe(200);
  await denied('api.example.com');
  for (let n = 0; n < 30; n++) await denied(`host-${n}.example.com`);
  await expect.poll(open).toHaveLength(20);
  const texts = JSON.stringify(await open());
  expect([texts.includes('api.example.com'), texts.includes('host-19'), texts.includes('host-20')]).toEqual([
    false,
    true,
    false,
  ]);
});

test('what no manifest may ask for is offered to nobody', async () => {
  await placeApp(node.log);
  for (const entry of ['*', 'http://a b/', 'x'.repeat(300), 'ends.example.com']) await denied(entry);
  await expect.poll(open).toHaveLength(1);
  expect((await open())[0].items[0].capability).toBe('http:ends.example.com');
});
