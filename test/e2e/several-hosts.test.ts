import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Crowd, sendCrowd } from './crowd.ts';
import { type TestHost, TestHosts } from './hosts.ts';
import { ROOT } from './process.ts';

const PATIENT = { timeout: 20_000 };
const MANIFEST = `[app]
name = "roamer"
visibility = "public"
[build]
kind = "wasm"
[runtime]
type = "wasm-http"
lifecycle = "always_on"
[env]
AT = "nowhere in particular"
COLOUR = "blue"
SIZE = "small"
[[deploy]]
supervisor = "one"
[deploy.env]
AT = "one"
[[deploy]]
supervisor = "two"
[deploy.env]
AT = "two"
COLOUR = "red"
`;

interface Result {
  readonly supervisor: string;
  readonly success: boolean | null;
  readonly error?: string;
}
interface Deployment {
  readonly phase: string;
  readonly results: readonly Result[];
}
interface Instance {
  readonly supervisor: string;
  readonly version: number;
  readonly state: string;
  readonly in_rotation: boolean;
  readonly pid: number | null;
}

it('an app on several hosts is served by all of them, whatever becomes of one', async () => {
  await using hosts = await TestHosts.open(['one', 'two', 'three']);
  const { office } = hosts;
  const folder = join(office.directory, 'roamer');
  await mkdir(folder);
  const component = await readFile(join(ROOT, 'test/fixtures/components/probe.wasm'), 'latin1');
  const call = async (path: string, json?: unknown) => {
    const init = json === undefined ? {} : { method: 'POST', body: JSON.stringify(json) };
    const response = await office.api(path, { ...init, headers: { 'content-type': 'application/json' } });
    // biome-ignore lint/suspicious/noExplicitAny: the assertions look into it and fail when it is something else
    return { status: response.status, json: (await response.json()) as any };
  };
  const push = async (changed: string) => {
    await writeFile(join(folder, 'app.wasm'), changed, 'latin1');
    await writeFile(join(folder, 'tabbify.toml'), MANIFEST);
    return office.tcli('push', folder, '--json');
  };
  const decided = async (id: string): Promise<Deployment> => {
    const isHeld = async () => (await call(`/v1/deployments/${id}`)).json.phase === 'awaiting_approval';
    await expect.poll(isHeld).toBe(false);
    return settled(id);
  };
  const settled = async (id: string): Promise<Deployment> => {
    const isOpen = ({ phase }: Deployment) =>
      ['requested', 'approved', 'building', 'placing', 'starting', 'healthy'].includes(phase);
    await expect
      .poll(async () => isOpen((await call(`/v1/deployments/${id}`)).json as Deployment), { timeout: 60_000 })
      .toBe(false);
    const { json } = await call(`/v1/deployments/${id}`);
    if (json.phase !== 'awaiting_approval') return json as Deployment;
    // another host is another thing to say yes to
    const { difference } = (await call(`/v1/approvals/${json.approval}`)).json;
    expect((await call(`/v1/approvals/${json.approval}/approve`, { difference })).status).toBe(200);
    return decided(id);
  };

  // Both targets get it, each with its own environment over the common one, and visitors come to both.
  const first = await push(component);
  expect(first.code, first.stderr).toBe(0);
  const { uuid: app, deployment_id: id } = JSON.parse(first.stdout);
  expect(await settled(id)).toMatchObject({
    phase: 'switched',
    results: [
      { supervisor: 'one', runtime: 'wasm-http', success: true },
      { supervisor: 'two', runtime: 'wasm-http', success: true },
    ],
  });
  const instances = async () => (await call(`/v1/apps/${app}`)).json.instances as readonly Instance[];
  const deploy = async (targets?: readonly object[], version?: number) => {
    const { status, json } = await call(`/v1/apps/${app}/deploy`, { targets, version });
    expect(status, JSON.stringify(json)).toBe(202);
    return settled(json.deployment_id);
  };
  const url = `${office.url}/app/${app}/env`;
  const reading = sendCrowd(url, ['GET']);
  await visitorsAreAt(reading, {
    one: { COLOUR: 'blue', SIZE: 'small', TABBIFY_VERSION: '1' },
    two: { COLOUR: 'red', SIZE: 'small', TABBIFY_VERSION: '1' },
  });

  // Figures and logs are of one host where one is named; else figures are of all hosts together.
  for (const host of ['one', 'two']) {
    const series = `tabbify_app_requests_total{office="default",app="roamer",supervisor="${host}"}`;
    await expect
      .poll(async () => (await (await office.api('/metrics')).text()).split('\n'), PATIENT)
      .toContainEqual(expect.stringMatching(new RegExp(`^${series.replace(/[{}]/g, '\\$&')} [1-9]`)));
    const { json } = await call(`/v1/apps/${app}/metrics?supervisor=${host}`);
    const requests = json.points.map((point: { requests: number }) => point.requests);
    expect(Math.max(...requests)).toBeGreaterThan(0);
    expect((await office.api(`/v1/apps/${app}/logs?supervisor=${host}`)).status).toBe(200);
  }
  for (const of of ['metrics', 'logs']) {
    const elsewhere = await call(`/v1/apps/${app}/${of}?supervisor=three`);
    expect(elsewhere).toMatchObject({ status: 400, json: { code: 'supervisor_unknown' } });
  }

  // What cannot be is refused before anything is appended.
  const unknown = await call(`/v1/apps/${app}/deploy`, {
    targets: [{ supervisor: 'one' }, { supervisor: 'four' }],
  });
  expect(unknown).toMatchObject({ status: 400, json: { code: 'supervisor_unknown' } });
  for (const name of ['four', "'one'", "'two'", "'three'"]) expect(unknown.json.detail).toContain(name);
  const unsuited = await call(`/v1/apps/${app}/deploy`, {
    targets: [{ supervisor: 'one' }, { supervisor: 'three', runtime: 'docker' }],
  });
  expect(unsuited).toMatchObject({ status: 400, json: { code: 'runtime_unavailable' } });
  expect(unsuited.json.detail).toMatch(/'three'.*'docker'.*'wasm-http'/s);
  const asked = await call(`/v1/events?type=deployment_requested&subject=app/${app}`);
  expect(asked.json.events).toHaveLength(1);

  // A host that cannot fetch the new version fails alone; it keeps the old one, and nobody is sent there.
  const [one, two, three] = [hosts.host('one'), hosts.host('two'), hosts.host('three')];
  const shared = join(two.home, 'objects');
  await rename(shared, `${shared}.away`);
  await mkdir(shared);
  const second = await push(component.replace('listener gone', 'listener left'));
  await rm(shared, { recursive: true });
  await rename(`${shared}.away`, shared);
  const failedThere = await settled(JSON.parse(second.stdout).deployment_id);
  expect(failedThere).toMatchObject({
    phase: 'switched',
    results: [
      { supervisor: 'one', success: true },
      { supervisor: 'two', success: false },
    ],
  });
  await visitorsAreAt(reading, { one: { TABBIFY_VERSION: '2' } });
  await expect.poll(instances, PATIENT).toMatchObject([
    { supervisor: 'one', version: 2, state: 'running', in_rotation: true },
    { supervisor: 'two', version: 1, state: 'running', in_rotation: false },
  ]);
  expect(await deploy()).toMatchObject({
    phase: 'switched',
    results: [{ success: true }, { success: true }],
  });
  await visitorsAreAt(reading, { one: { TABBIFY_VERSION: '2' }, two: { TABBIFY_VERSION: '2' } });

  // A supervisor dies, its runner serves on; the runner dies, and the visitors go on at the other host.
  await two.kill();
  await visitorsAreAt(reading, { one: {}, two: {} });
  const [lost] = await two.runners();
  process.kill(lost!.pid, 'SIGKILL');
  await visitorsAreAt(reading, { one: {} });

  // A deployment does not wait long for it, and brings it nothing.
  const away = await deploy(undefined, 1);
  expect(away).toMatchObject({
    phase: 'switched',
    results: [
      { supervisor: 'one', success: true },
      { supervisor: 'two', success: false, error: expect.stringContaining('is away') },
    ],
  });
  await visitorsAreAt(reading, { one: { TABBIFY_VERSION: '1' } });

  // When it comes back it gets what stands for it: what it had, out of rotation.
  await two.open();
  await expect.poll(instances, PATIENT).toMatchObject([
    { supervisor: 'one', version: 1, in_rotation: true },
    { supervisor: 'two', version: 2, state: 'running', in_rotation: false, pid: expect.any(Number) },
  ]);
  await visitorsAreAt(reading, { one: { TABBIFY_VERSION: '1' } });
  expect(await reading.leave()).toEqual([]);

  // Another choice of hosts, under load that may not be sent twice: who is left stops and keeps nothing.
  const writing = sendCrowd(url, ['GET', 'POST', 'POST']);
  expect(await deploy()).toMatchObject({
    phase: 'switched',
    results: [{ success: true }, { success: true }],
  });
  await visitorsAreAt(writing, { one: { TABBIFY_VERSION: '2' }, two: { TABBIFY_VERSION: '2' } });
  const named = [{ supervisor: 'three', env: { AT: 'three' } }, { supervisor: 'two' }];
  expect(await deploy(named)).toMatchObject({
    phase: 'switched',
    results: [
      { supervisor: 'three', success: true },
      { supervisor: 'two', success: true },
    ],
  });
  await visitorsAreAt(writing, {
    three: { COLOUR: 'blue' },
    'nowhere in particular': { COLOUR: 'blue' },
  });
  await keepsNothing(one);
  expect(await deploy([{ supervisor: 'three', env: { AT: 'three' } }])).toMatchObject({ phase: 'switched' });
  await visitorsAreAt(writing, { three: { TABBIFY_VERSION: '2' } });
  await keepsNothing(two);
  expect((await instances()).map(({ supervisor }) => supervisor)).toEqual(['three']);
  expect(await three.runners()).toHaveLength(1);
  expect(await writing.leave()).toEqual([]);
});

/** Waits until visitors who come from some moment on are sent to these hosts, all of them and no others. */
async function visitorsAreAt(crowd: Crowd, expected: Readonly<Record<string, object>>): Promise<void> {
  await expect
    .poll(
      () => {
        crowd.fresh();
        return new Promise((resolve) => {
          setTimeout(() => resolve(placesIn(crowd)), 150);
        });
      },
      { ...PATIENT, interval: 1 },
    )
    .toEqual(
      Object.fromEntries(Object.entries(expected).map(([at, each]) => [at, expect.objectContaining(each)])),
    );
}

/** By `AT`, what the app has in its environment there. */
function placesIn(crowd: Crowd): Record<string, unknown> {
  const answers = crowd.fresh().filter(({ status }) => status === 200);
  const environments = answers.map(({ body }) =>
    Object.fromEntries(body.split('\n').map((line) => line.split('=', 2) as [string, string])),
  );
  return Object.fromEntries(environments.map((each) => [each.AT, each]));
}

async function keepsNothing(host: TestHost): Promise<void> {
  await expect.poll(() => host.runners(), PATIENT).toEqual([]);
}
