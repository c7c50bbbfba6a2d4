import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../kit/index.ts';
import { type CutAt, type DeployingOffice, openDeployingOffice } from '../testing/deploying-office.ts';

const MODULE = `export default { fetch: () => new Response('hello') };\n`;
const MANIFEST = `[app]\nname = "hello"\n[build]\nmain = "main.ts"\n`;
const WHY = 'bubblewrap is not installed';
const process = { isolation: 'process', limits: { memory: 'enforced', cpu: 'enforced' } };
const bare = { isolation: 'wasm-bare', limits: { memory: 'enforced', fuel: 'enforced' } };
const worker = { kind: 'worker', ...process };
const component = { kind: 'wasm-http', ...bare };

let office: DeployingOffice;
beforeAll(async () => {
  office = await openDeployingOffice({ 'tabbify.toml': MANIFEST, 'main.ts': MODULE }, [
    { name: 'local', tags: ['wasm-http', 'worker'], runtimes: [worker, component] },
    {
      name: 'far',
      tags: ['wasm-http'],
      runtimes: [component],
      refused: [{ kind: 'worker', why: WHY, hint: 'Install bubblewrap.' }],
    },
  ]);
  // a component takes seconds to make: here once, so that the tests find it in the builder's cache
  const app = newId();
  const digest = await publish(app, ['far']);
  const running = await office.start();
  await office.request(app, 1, digest);
  expect(await running.settled(AbortSignal.timeout(170_000))).toBe(true);
  expect(running.live.office.apps.get(app)?.inPlace).not.toBeNull();
  await running.close();
}, 180_000);
afterAll(() => office.close());

const publish = (app: string, on: string[]) =>
  office.publish(app, 1, `app-${app.slice(-12)}`, on, { type: 'worker', main: 'main.ts' });

/** A module on two hosts, one of which cannot run it as what it was meant for. */
async function story(cutAt: CutAt) {
  const app = newId();
  const digest = await publish(app, ['local', 'far']);
  const id = await office.request(app, 1, digest);
  await office.converge(cutAt);
  const last = await office.start();
  const { deployments, apps } = last.live.office;
  await last.close();
  const artifacts = [...apps.get(app)!.artifacts.values()];
  const { phase, built, results } = deployments.get(id)!;
  return {
    ...{ phase, built },
    results: results.map(({ supervisor, runtime, wall, standsInFor, success }) => ({
      ...{ supervisor, runtime, wall, standsInFor, success },
    })),
    // each host was given the artifact of its own kind
    given: [...apps.get(app)!.placements.values()].map(({ assignment }) => [
      assignment.runtime,
      artifacts.find(({ digest }) => digest === assignment.artifactDigest)?.kind,
      assignment.artifactPrefix.split('/')[3],
    ]),
    told: (await office.events())
      .filter(({ subject }) => subject === `app/${app}`)
      .map(({ type, data }) => `${type} ${data.kind ?? ''}`.trim())
      .sort(),
  };
}

const END = {
  phase: 'switched',
  built: true,
  results: [
    { supervisor: 'local', runtime: 'worker', wall: process, standsInFor: null, success: true },
    {
      supervisor: 'far',
      runtime: 'wasm-http',
      wall: bare,
      standsInFor: { runtime: 'worker', why: WHY },
      success: true,
    },
  ],
  given: [
    ['worker', 'module', 'module'],
    ['wasm-http', 'wasm-http', 'wasm-http'],
  ],
  told: [
    'app_assigned',
    'app_assigned',
    'app_registered',
    'artifact_built module',
    'artifact_built wasm-http',
    'assignment_applied',
    'assignment_applied',
    'deployment_build_started',
    'deployment_placed',
    'deployment_requested',
    'deployment_succeeded',
    'version_published',
  ],
};

/** What a second kind adds to the points of `resume.test.ts`. */
const POINTS = [
  'build of module',
  'build of wasm-http',
  'artifact_built of module',
  'artifact_built of wasm-http',
].flatMap((each) => [`before ${each}`, `after ${each}`]);

test('a version is built once for each kind that its hosts run, and every point of that is known', async () => {
  const seen = new Set<string>();
  const result = await story((point) => {
    if (/build of|artifact/.test(point)) seen.add(point.replace(/ by .*/, ''));
    return false;
  });
  expect(result).toEqual(END);
  expect([...seen].sort()).toEqual([...POINTS].sort());
});

test.each(POINTS)(
  'cut off %s, the next deployer builds what is missing and comes to the same end',
  async (at) => {
    let isCut = false;
    const result = await story((point) => {
      if (isCut || !point.startsWith(at)) return false;
      isCut = true;
      return true;
    });
    expect(isCut).toBe(true);
    expect(result).toEqual(END);
  },
);

test.each([
  ['while the module is being built', 'after build of module'],
  ['when the decision waits for its turn', 'after artifact_built of module'],
])('a host that cannot run a module any more %s gets a component, which is built first', async (_, at) => {
  const app = newId();
  const digest = await publish(app, ['local']);
  const less = { name: 'local', tags: ['wasm-http'], runtimes: [component] };
  const running = await office.start((point) => {
    if (point === at) running.announce(less);
    else if (point.startsWith(at)) {
      void running.commands.run(async () => {
        await setImmediate(); // by now the deployer stands in the queue as well
        running.announce(less);
      });
    }
    return false;
  });
  const id = await office.request(app, 1, digest);
  expect(await running.settled(AbortSignal.timeout(20_000))).toBe(true);
  const { phase, results } = running.live.office.deployments.get(id)!;
  await running.close();
  expect(phase).toBe('switched');
  expect(results).toMatchObject([
    { runtime: 'wasm-http', wall: bare, standsInFor: { runtime: 'worker' }, success: true },
  ]);
  const told = (await office.events()).filter(({ subject }) => subject === `app/${app}`);
  expect(
    told
      .filter(({ type }) => /artifact_built|deployment_placed/.test(type))
      .map(({ type, data }) => `${type} ${data.kind ?? ''}`.trim()),
  ).toEqual(['artifact_built module', 'artifact_built wasm-http', 'deployment_placed']);
});

test('it is building until the last of its artifacts is there', async () => {
  const app = newId();
  const digest = await publish(app, ['local', 'far']);
  const phases: (string | undefined)[] = [];
  const running = await office.start((point) => {
    if (/^(before|after) build of/.test(point)) {
      phases.push(...[...running.live.office.deployments.values()].map(({ phase }) => phase).slice(-1));
    }
    return false;
  });
  await office.request(app, 1, digest);
  expect(await running.settled(AbortSignal.timeout(20_000))).toBe(true);
  await running.close();
  expect(phases).toEqual(['building', 'building', 'building', 'building']);
});

test('only the kinds that its hosts run are built', async () => {
  for (const [host, kind] of [
    ['local', 'module'],
    ['far', 'wasm-http'],
  ] as const) {
    const app = newId();
    await office.request(app, 1, await publish(app, [host]));
    await office.converge(() => false);
    const told = (await office.events()).filter(({ subject }) => subject === `app/${app}`);
    expect(told.filter(({ type }) => type === 'artifact_built').map(({ data }) => data.kind)).toEqual([kind]);
  }
});
