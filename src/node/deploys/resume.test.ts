import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../kit/index.ts';
import { primaryOf } from '../../state/index.ts';
import { tinyApp } from '../testing/apps.ts';
import { type CutAt, type DeployingOffice, openDeployingOffice } from '../testing/deploying-office.ts';

let office: DeployingOffice;
beforeAll(async () => {
  office = await openDeployingOffice(await tinyApp());
});
afterAll(() => office.close());

/** One that gets in place; then one that gives way to one that fails on its host, after which the first one is back. */
async function story(cutAt: CutAt) {
  const app = newId();
  const slug = `app-${app.slice(-12)}`;
  const one = await office.publish(app, 1, slug);
  const ids = [await office.request(app, 1, one)];
  await office.converge(cutAt);
  const two = await office.publish(app, 2, slug);
  office.broken.add('2');
  ids.push(await office.request(app, 1, one), await office.request(app, 2, two));
  await office.converge(cutAt);
  const last = await office.start();
  const { deployments, apps } = last.live.office;
  await last.close();
  const { openDeployments } = apps.get(app)!;
  const { assignment, good } = primaryOf(apps.get(app)!)!;
  return {
    ends: ids.map((id) => {
      const { phase, reached, built, failure } = deployments.get(id)!;
      return [phase, reached, built, failure?.stage ?? null];
    }),
    placed: [assignment.version, assignment.generation, assignment.outcome, good?.version],
    open: openDeployments.size,
    // with its deployment and generation, so that the same step twice would show
    told: (await office.events())
      .filter(({ subject }) => subject === `app/${app}`)
      .map(({ type, data }) => `${type} ${ids.indexOf(String(data.deployment_id))} ${data.generation ?? ''}`)
      .sort(),
  };
}

const END = {
  ends: [
    ['switched', 'healthy', true, null],
    ['superseded', 'requested', false, 'requested'],
    ['failed', 'starting', true, 'health'],
  ],
  placed: [1, 3, 'running', 1],
  open: 0,
  told: [
    'app_assigned 0 1',
    'app_assigned 0 3',
    'app_assigned 2 2',
    'app_registered -1 ',
    'artifact_built -1 ',
    'artifact_built -1 ',
    'assignment_applied -1 1',
    'assignment_applied -1 3',
    'assignment_failed -1 2',
    'deployment_build_started 0 ',
    'deployment_build_started 2 ',
    'deployment_failed 2 ',
    'deployment_placed 0 1',
    'deployment_placed 2 2',
    'deployment_requested 0 ',
    'deployment_requested 1 ',
    'deployment_requested 2 ',
    'deployment_succeeded 0 ',
    'deployment_superseded 1 ',
    'version_published -1 ',
    'version_published -1 ',
  ],
};

/** Everything that a run waits for, as the hook names it. */
const POINTS = [
  'deployment_build_started',
  'build of wasm-http',
  'artifact_built of wasm-http',
  'deployment_placed',
  'app_assigned on local',
  'the host’s answer',
  'deployment_succeeded',
  'deployment_superseded',
  'deployment_failed',
  'app_returned on local',
].flatMap((each) => [`before ${each}`, `after ${each}`]);

test('the story without a cut, and every point of it is known', async () => {
  const seen = new Set<string>();
  const result = await story((point) => {
    seen.add(point.replace(/ by .*/, ''));
    return false;
  });
  expect(result).toEqual(END);
  expect([...seen].sort()).toEqual([...POINTS].sort());
});

test.each(POINTS)(
  'cut off %s, the next deployer comes to the same end, and says everything once',
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
