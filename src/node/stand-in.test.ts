import { afterEach, beforeEach, expect, test } from 'vitest';
import { builderDigest } from '../builder/index.ts';
import { domainEvent } from '../state/index.ts';
import { manifest, TINY } from './testing/apps.ts';
import { type FakeSupervisor, joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

const WHY = 'bubblewrap is not installed';
const process = { isolation: 'process', limits: { memory: 'enforced', cpu: 'enforced' } };
const bare = { isolation: 'wasm-bare', limits: { memory: 'enforced', cpu: 'unsupported' } };
const component = { kind: 'wasm-http', ...bare };
const refused = [{ kind: 'worker', why: WHY, hint: 'Install the package `bubblewrap`.' }];

let node: RunningNode;
const supervisors: FakeSupervisor[] = [];
beforeEach(async () => {
  node = await startTestNode();
  const says = { tags: ['wasm-http'], runtimes: [component], refused };
  supervisors.push(await joinFakeSupervisor(node, (_, response) => response.end('hello'), says));
});
afterEach(async () => {
  await Promise.all(supervisors.splice(0).map((supervisor) => supervisor.close()));
  await node.close();
});

/** Publishes a module, and says that what its hosts need was built. */
async function publish(rest = ''): Promise<void> {
  const text = manifest(TINY, 'tiny', `[build]\nmain = "main.ts"\n${rest}`);
  const { json } = await node.push(TINY, { 'tabbify.toml': text, 'main.ts': 'export default {}' });
  for (const kind of ['wasm-http', 'module'] as const) {
    const built = {
      ...{ app: TINY, version: json.version, version_digest: json.digest, kind, build_ms: 1 },
      ...{ builder_digest: await builderDigest(kind), digest: 'ab'.repeat(32), prefix: `artifacts/${kind}` },
    };
    await node.log.append(domainEvent('artifact_built', built, { actor: 'system', source: '/node' }));
  }
}

const deploy = (json: object = {}) => node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json });

/** Until each host has taken the generation up. */
async function takenUp(id: string, generation: number) {
  for (const supervisor of supervisors) {
    await supervisor.assigned(TINY, generation);
    await supervisor.say('assignment_applied', { app: TINY, generation, outcome: 'idle' });
  }
  await node.call(`/v1/deployments/${id}/stream`);
  return (await node.call(`/v1/deployments/${id}`)).json;
}

test('a module on a host without worker runs as its stand-in, and the deployment says which, why and what it is held to', async () => {
  await publish();
  const { json } = await deploy();
  const stands_in_for = { runtime: 'worker', why: WHY };
  const placed = { supervisor: 'local', runtime: 'wasm-http', stands_in_for };
  expect(await takenUp(json.deployment_id, 1)).toMatchObject({
    phase: 'switched',
    results: [{ ...placed, success: true, wall: bare }],
  });
  const [assignment] = (await node.events(['app_assigned'])).map(({ data }) => data);
  expect(assignment).toMatchObject({ runtime: 'wasm-http', artifact_prefix: 'artifacts/wasm-http' });
  const { json: app } = await node.call(`/v1/apps/${TINY}`);
  expect(app.walls).toEqual([{ supervisor: 'local', ...component, stands_in_for }]);
  // what was so then stays what is told of it, whatever the host says now
  const now = { tags: ['wasm-http', 'worker'], runtimes: [{ kind: 'worker', ...process }] };
  const again = await node.call('/v1/supervisors/local', {
    method: 'PUT',
    token: supervisors[0]!.credential,
    json: { url: 'http://127.0.0.1:9', ...now, control_key: 'k'.repeat(32) },
  });
  expect(again.status).toBe(204);
  expect((await node.call(`/v1/deployments/${json.deployment_id}`)).json.results).toMatchObject([
    { ...placed, wall: bare },
  ]);
  const next = await deploy();
  expect(await takenUp(next.json.deployment_id, 2)).toMatchObject({
    results: [{ runtime: 'worker', stands_in_for: null, wall: process }],
  });
  expect((await node.events(['app_assigned'])).at(-1)?.data).toMatchObject({
    ...{ runtime: 'worker', artifact_prefix: 'artifacts/module' },
  });
});

test('each of its hosts gets what it can run, and what was in place is told as it was', async () => {
  const runtimes = [{ kind: 'worker', ...process }];
  supervisors.push(
    await joinFakeSupervisor(node, (_, response) => response.end('hello'), {
      ...{ name: 'able', tags: ['wasm-http', 'worker'], runtimes },
    }),
  );
  await publish('[[deploy]]\nsupervisor = "local"\n[[deploy]]\nsupervisor = "able"\n');
  const { json } = await deploy();
  expect((await takenUp(json.deployment_id, 1)).results).toEqual([
    {
      ...{ supervisor: 'local', runtime: 'wasm-http', success: true, wall: bare },
      stands_in_for: { runtime: 'worker', why: WHY },
    },
    { supervisor: 'able', runtime: 'worker', success: true, wall: process, stands_in_for: null },
  ]);
});

test('whoever names worker is refused before anything happens, with what helps on that host', async () => {
  await publish('[[deploy]]\nsupervisor = "local"\nruntime = "worker"\n');
  const answers = [await deploy(), await deploy({ targets: [{ supervisor: 'local', runtime: 'worker' }] })];
  await publish('[runtime]\ntype = "worker"\n');
  for (const { status, json } of [...answers, await deploy()]) {
    expect([status, json.code]).toEqual([400, 'runtime_unavailable']);
    expect(json.detail).toMatch(/'local' cannot run 'worker'.*'wasm-http'.*bubblewrap is not installed/);
    expect(json.hint).toMatch(/^Install the package `bubblewrap`; or set /);
  }
  expect(await node.events(['deployment_requested'])).toEqual([]);
});
