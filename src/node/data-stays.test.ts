import { afterEach, beforeEach, expect, test } from 'vitest';
import { TINY, tinyApp } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue } from './testing/tokens.ts';

let node: RunningNode;
let local: FakeSupervisor;
let far: FakeSupervisor;
/** What of the app lies on each host. */
const stored = { environments: [{ environment: 'production', bytes: 4096 }] };
beforeEach(async () => {
  node = await startTestNode();
  local = await joinFakeSupervisor(node, (_request, response) => response.end());
  far = await joinFakeSupervisor(node, (_request, response) => response.end(), { name: 'far' });
});
afterEach(async () => {
  await Promise.all([local.close(), far.close()]);
  await node.close();
});

const post = (action: string, json: object = {}) =>
  node.call(`/v1/apps/${TINY}/${action}`, { method: 'POST', json });
const push = (more = '') =>
  tinyApp(TINY, 'tiny', `[runtime]\nstateful = true\n${more}`).then((app) => node.push(TINY, app));
const inPlace = async (host: FakeSupervisor, generation: number) => {
  await host.assigned(TINY, generation);
  const said = { app: TINY, generation, outcome: 'running' };
  expect((await host.say('assignment_applied', said)).status).toBe(201);
};
const ended = async (id: string) => {
  const deployment = async () => (await node.call(`/v1/deployments/${id}`)).json;
  await expect.poll(async () => (await deployment()).phase, { timeout: 20_000 }).toMatch(/switched|failed/);
  return deployment();
};

test('an app that keeps data stays on its host; it leaves the data behind only when somebody says so, and nothing is removed', async () => {
  await push();
  const first = await post('deploy', { targets: [{ supervisor: 'far' }] });
  await inPlace(far, 1);
  expect(await ended(first.json.deployment_id)).toMatchObject({ phase: 'switched' });

  // The office's own host would be better.
  const again = await post('deploy');
  await inPlace(far, 2);
  expect((await ended(again.json.deployment_id)).results).toMatchObject([{ supervisor: 'far' }]);

  const away = { targets: [{ supervisor: 'local' }] };
  const refused = await post('deploy', away);
  expect([refused.status, refused.json.code]).toEqual([409, 'data_elsewhere']);
  expect(refused.json.detail).toContain("'far'");
  expect(refused.json.hint).toContain('`tabbify deploy tiny --on local --leave-data`');
  await push('[[deploy]]\nsupervisor = "local"\n');
  expect((await post('deploy')).json.code).toBe('data_elsewhere');
  expect(await node.events(['deployment_requested'])).toHaveLength(2);

  const left = await post('deploy', { leave_data: true });
  expect(left.status).toBe(202);
  await inPlace(local, 3);
  expect((await ended(left.json.deployment_id)).results).toMatchObject([{ supervisor: 'local' }]);
  await expect.poll(async () => (await far.assigned(TINY)).purge_position).toBeGreaterThan(0);
  expect(await far.assigned(TINY)).toMatchObject({ purge_data_position: 0 });
});

test('a purge removes what an app has stored only for who says so and may, on all hosts that have some of it', async () => {
  await push();
  const { json } = await post('deploy');
  await inPlace(local, 1);
  await ended(json.deployment_id);
  await node.restart();
  await Promise.all([local.announce(), far.announce()]);
  local.stored = far.stored = stored;
  expect((await node.call(`/v1/apps/${TINY}/data`)).json).toEqual({
    hosts: [{ supervisor: 'local', current: true, ...stored }],
  });

  expect((await post('purge')).status).toBe(202);
  expect(await local.assigned(TINY)).toMatchObject({ purge_data_position: 0 });
  const { purge_position } = await local.assigned(TINY);
  await local.say('app_purged', { app: TINY, generation: 1, purge_position });
  expect((await node.call(`/v1/apps/${TINY}/data`)).json.hosts).toMatchObject([{ current: true }]);

  const { token } = await issue(node, { name: 'ci', scopes: ['read', 'deploy'] });
  const without = await node.call(`/v1/apps/${TINY}/purge`, { method: 'POST', json: { data: true }, token });
  expect([without.status, without.json.code]).toEqual([403, 'not_allowed']);
  expect((await post('purge', { date: true })).status).toBe(400);
  expect(await node.events(['app_purge_requested'])).toHaveLength(1);

  expect((await post('purge', { data: true })).status).toBe(202); // it was purged, and its data is there
  const asked = await local.assigned(TINY);
  expect(asked.purge_data_position).toBe(asked.purge_position);
  await local.say('app_purged', { app: TINY, generation: 1, purge_position: asked.purge_position });
  expect((await node.events(['app_purge_requested'])).map(({ data }) => data)).toEqual([
    { app: TINY, supervisor: 'local', data: false },
    { app: TINY, supervisor: 'local', data: true },
  ]);
  await local.close();
  expect((await node.call(`/v1/apps/${TINY}/data`)).json.hosts).toEqual([
    { supervisor: 'local', current: false, environments: null },
  ]);
});
