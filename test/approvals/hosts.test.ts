import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fetchTree, openFolderStore } from '../../src/artifacts/index.ts';
import { approve, joinFakeSupervisor, tinyApp, untilHeld } from '../../src/node/testing/index.ts';
import { revokesBehind } from './log-between.ts';
import { calls, startOffice } from './site.ts';

const revoking = revokesBehind();
const node = await startOffice({ between: revoking.between });
const visited: string[] = [];
const host = (name: string) =>
  joinFakeSupervisor(
    node,
    (request, response) => {
      visited.push(`${name}${request.url}`);
      response.end(name);
    },
    { name },
  );
const [local, elsewhere, attic] = await Promise.all([host('local'), host('elsewhere'), host('attic')]);
const hosts = { local, elsewhere, attic };
type HostName = keyof typeof hosts;
afterAll(async () => {
  await node.close();
  await Promise.all(Object.values(hosts).map((each) => each.close()));
});
const { 'tabbify.toml': _, ...component } = await tinyApp();

/** An app that runs on hosts; each has a name and a uuid of its own. */
function appNumber(n: number) {
  const uuid = `0191e7c2-0000-7000-8000-0000000000a${n}`;
  const assignmentOn = async (name: HostName) => {
    const { json } = await node.call(`/v1/supervisors/${name}/desired`, { token: hosts[name].credential });
    return json.assignments.find(({ app }: { app: string }) => app === uuid);
  };
  const ended = async (id: string) => {
    await node.call(`/v1/deployments/${id}/stream`);
    return (await node.call(`/v1/deployments/${id}`)).json;
  };
  return {
    uuid,
    assignmentOn,
    ended,
    /** @param rest of the manifest, behind `[app]`; each push is another version */
    async push(rest = '') {
      const files = { ...component, 'tabbify.toml': `[app]\nid = "${uuid}"\nname = "app-${n}"\n${rest}` };
      const pushed = await node.push(uuid, files);
      expect([pushed.status, pushed.text]).toEqual([201, expect.anything()]);
    },
    /** @returns the deployment as it waits for a person, or for its host */
    async deploy(json: object = {}) {
      const asked = await node.call(`/v1/apps/${uuid}/deploy`, { method: 'POST', json });
      expect([asked.status, asked.text]).toEqual([202, expect.anything()]);
      return asked.json.deployment_id as string;
    },
    held: (id: string) => untilHeld(node, id),
    /** The host takes up what it is given. */
    async answers(name: HostName, generation: number, id: string) {
      await hosts[name].assigned(uuid, generation);
      const said = await hosts[name].say('assignment_applied', { app: uuid, generation, outcome: 'idle' });
      expect([said.status, said.text]).toEqual([201, expect.anything()]);
      return ended(id);
    },
    async grants() {
      const { json } = await node.call(`/v1/apps/${uuid}/grants`);
      return json.grants.map(({ capability }: { capability: string }) => capability);
    },
    revoke: (capability: string) =>
      node.call(`/v1/apps/${uuid}/grants/${encodeURIComponent(capability)}`, { method: 'DELETE' }),
  };
}

const to = (supervisor: HostName) => ({ targets: [{ supervisor }] });
const asksFor = async (approval: string) =>
  (await node.call(`/v1/approvals/${approval}`)).json.items.map(
    (each: { capability: string }) => each.capability,
  );

test('a yes to one host is none to another, which is told nothing and given no secret', async () => {
  const app = appNumber(1);
  await app.push();
  expect((await app.answers('local', 1, await app.deploy())).phase).toBe('switched');
  const held = await app.held(await app.deploy(to('elsewhere')));
  expect([held.phase, await asksFor(held.approval)]).toEqual(['awaiting_approval', ['host:elsewhere']]);
  expect(await app.assignmentOn('elsewhere')).toBeUndefined();
  expect((await approve(node, held.approval)).status).toBe(200);
  expect((await app.answers('elsewhere', 2, held.id)).phase).toBe('switched');
  const other = await app.held(await app.deploy(to('attic')));
  expect([other.phase, await asksFor(other.approval)]).toEqual(['awaiting_approval', ['host:attic']]);
  expect(await app.assignmentOn('attic')).toBeUndefined();
  const spawn = { app: app.uuid, spawn_id: '0191e7c2-0000-7000-8000-0000000000aa', generation: 2 };
  const asked = await node.call('/v1/spawns', { method: 'POST', json: spawn, token: attic.credential });
  expect([asked.status >= 400, asked.text.includes('grant')]).toEqual([true, false]);
});

test('a version that waits is not taken along by a move: what the move asks for is decided with it', async () => {
  const app = appNumber(2);
  await app.push();
  expect((await app.answers('local', 1, await app.deploy())).phase).toBe('switched');
  await app.push(calls('api.example.com'));
  const waits = await app.held(await app.deploy());
  const moved = await app.held(await app.deploy(to('elsewhere')));
  expect((await approve(node, waits.approval)).json.code).toBe('approval_ended');
  expect(await asksFor(moved.approval)).toEqual(['host:elsewhere', 'http:api.example.com']);
  const no = await node.call(`/v1/approvals/${moved.approval}/deny`, { method: 'POST', json: {} });
  expect([no.status, (await app.ended(moved.id)).phase]).toEqual([200, 'failed']);
  expect([await app.assignmentOn('elsewhere'), (await app.assignmentOn('local')).version]).toEqual([
    undefined,
    1,
  ]);
  expect(await app.grants()).toEqual([]);
});

test('a host that was taken back, or meant for once, is asked for anew though the app is there', async () => {
  const app = appNumber(3);
  await app.push();
  const first = await app.held(await app.deploy(to('elsewhere')));
  expect((await approve(node, first.approval, { once: true })).status).toBe(200);
  expect((await app.answers('elsewhere', 1, first.id)).phase).toBe('switched');
  const second = await app.held(await app.deploy(to('elsewhere')));
  expect([second.phase, await asksFor(second.approval)]).toEqual(['awaiting_approval', ['host:elsewhere']]);
  expect((await approve(node, second.approval)).status).toBe(200);
  expect((await app.answers('elsewhere', 2, second.id)).phase).toBe('switched');
  expect((await app.answers('elsewhere', 3, await app.deploy(to('elsewhere')))).phase).toBe('switched');
  expect((await app.revoke('host:elsewhere')).status).toBe(204);
  const third = await app.held(await app.deploy(to('elsewhere')));
  expect([third.phase, await asksFor(third.approval)]).toEqual(['awaiting_approval', ['host:elsewhere']]);
});

test('a host that was taken back is asked for also where the platform would choose it, for the data that is there', async () => {
  const app = appNumber(9);
  await app.push('[runtime]\nstateful = true\n');
  const first = await app.held(await app.deploy(to('elsewhere')));
  expect((await approve(node, first.approval)).status).toBe(200);
  expect((await app.answers('elsewhere', 1, first.id)).phase).toBe('switched');
  // while it is granted nobody is asked again, whether or not somebody names it
  for (const [n, where] of [{}, to('elsewhere'), {}].entries())
    expect((await app.answers('elsewhere', n + 2, await app.deploy(where))).phase).toBe('switched');
  expect((await app.revoke('host:elsewhere')).status).toBe(204);
  const held = await app.held(await app.deploy());
  expect([held.phase, await asksFor(held.approval)]).toEqual(['awaiting_approval', ['host:elsewhere']]);
});

test('an artifact whose bytes were changed after the yes is refused, and the version before stays', async () => {
  const app = appNumber(4);
  await app.push();
  expect((await app.answers('local', 1, await app.deploy())).phase).toBe('switched');
  await app.push(calls('api.example.com'));
  const held = await app.held(await app.deploy());
  expect((await approve(node, held.approval)).status).toBe(200);
  const { artifact_prefix: prefix, digest } = await local.assigned(app.uuid, 2);
  const objects = join(node.home, 'objects');
  const fetched = (into: string) =>
    openFolderStore(objects).then((store) => fetchTree(store, prefix, digest, join(node.home, into)));
  await fetched('as-built');
  let swapped = 0;
  for (const entry of await readdir(join(objects, prefix), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    await writeFile(file, Buffer.concat([bytes.subarray(1), bytes.subarray(0, 1)]));
    await expect(fetched(`swapped-${swapped}`)).rejects.toMatchObject({ code: 'digest_mismatch' });
    await writeFile(file, bytes);
    swapped += 1;
  }
  expect(swapped).toBeGreaterThan(1);
});

test.each(['approval_granted', 'artifact_built', 'deployment_placed'])(
  'what is taken back right behind %s keeps the version from its host',
  async (type) => {
    const app = appNumber(5 + ['approval_granted', 'artifact_built', 'deployment_placed'].indexOf(type));
    await app.push();
    expect((await app.answers('local', 1, await app.deploy())).phase).toBe('switched');
    await app.push(calls('api.example.com'));
    const held = await app.held(await app.deploy());
    revoking.arm(type, app.uuid, 'http:api.example.com');
    expect((await approve(node, held.approval)).status).toBe(200);
    expect(await app.ended(held.id)).toMatchObject({ phase: 'failed', stage: 'approval' });
    expect([(await app.assignmentOn('local')).version, await app.grants()]).toEqual([1, []]);
  },
);

test('what is taken back once its host was told is not given to it', async () => {
  const app = appNumber(8);
  await app.push(calls('api.example.com'));
  const held = await app.held(await app.deploy());
  revoking.arm('app_assigned', app.uuid, 'http:api.example.com');
  expect((await approve(node, held.approval)).status).toBe(200);
  await local.assigned(app.uuid, 1);
  expect((await app.assignmentOn('local')).grant.http).toEqual([]);
  expect((await app.answers('local', 1, held.id)).phase).toBe('switched');
  expect([(await app.assignmentOn('local')).grant.http, await app.grants()]).toEqual([[], []]);
  expect(visited).toEqual([]);
});
