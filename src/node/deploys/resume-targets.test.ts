import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '../../kit/index.ts';
import { placementsOf, rotationOf } from '../../state/index.ts';
import { tinyApp } from '../testing/apps.ts';
import { type CutAt, type DeployingOffice, openDeployingOffice } from '../testing/deploying-office.ts';

let office: DeployingOffice;
beforeAll(async () => {
  office = await openDeployingOffice(await tinyApp(), ['local', 'far', 'new']);
});
afterAll(() => office.close());

/**
 * An app on two hosts; a version that one of them cannot start, and gets its old one back; a move by which `far` is
 * left and `new` says nothing, and is left as well.
 */
async function story(cutAt: CutAt) {
  const app = newId();
  const slug = `app-${app.slice(-12)}`;
  const one = await office.publish(app, 1, slug, ['local', 'far']);
  const ids = [await office.request(app, 1, one)];
  await office.converge(cutAt);
  const two = await office.publish(app, 2, slug, ['local', 'far']);
  office.broken.add('2 on far');
  ids.push(await office.request(app, 2, two));
  await office.converge(cutAt);
  office.silent.add('2 on new');
  const targets = ['local', 'new'].map((supervisor) => ({
    supervisor,
    runtime: null,
    env: { AT: supervisor },
  }));
  ids.push(await office.request(app, 2, two, targets));
  await office.converge(cutAt);
  const last = await office.start();
  const { deployments, apps } = last.live.office;
  await last.close();
  const state = apps.get(app)!;
  return {
    ends: ids.map((id) => {
      const { phase, results } = deployments.get(id)!;
      return [phase, ...results.map(({ supervisor, success }) => `${supervisor} ${success}`)];
    }),
    inPlace: ids.indexOf(state.inPlace ?? ''),
    rotation: rotationOf(state).map(({ assignment }) => assignment.supervisor),
    kept: placementsOf(state).map(
      ({ assignment }) => `${assignment.supervisor} ${assignment.address.slice(-3)}`,
    ),
    env: state.placements.get('local')?.assignment.env.AT,
    // with its deployment and generation, so that the same step twice would show
    told: (await office.events())
      .filter(
        ({ subject, type }) =>
          subject === `app/${app}` && !/^(app_reg|version|artifact|deployment_req)/.test(type),
      )
      .map(
        ({ type, data }) =>
          `${type} ${ids.indexOf(String(data.deployment_id))} ${data.generation ?? ''} ${data.supervisor ?? ''}`,
      )
      .sort(),
  };
}

const END = {
  ends: [
    ['switched', 'local true', 'far true'],
    ['switched', 'local true', 'far false'],
    ['switched', 'local true', 'new false'],
  ],
  inPlace: 2,
  rotation: ['local'],
  kept: ['local ::1'],
  env: 'local',
  told: [
    'app_assigned 0 1 far',
    'app_assigned 0 1 local',
    'app_assigned 0 3 far',
    'app_assigned 1 2 far',
    'app_assigned 1 2 local',
    'app_assigned 2 4 local',
    'app_assigned 2 4 new',
    'app_purge_requested -1  far',
    'app_purge_requested -1  new',
    'app_purged -1 3 ',
    'app_purged -1 4 ',
    'assignment_applied -1 1 ',
    'assignment_applied -1 1 ',
    'assignment_applied -1 2 ',
    'assignment_applied -1 3 ',
    'assignment_applied -1 4 ',
    'assignment_failed -1 2 ',
    'deployment_build_started 0  ',
    'deployment_build_started 1  ',
    'deployment_placed 0 1 ',
    'deployment_placed 1 2 ',
    'deployment_placed 2 4 ',
    'deployment_succeeded 0  ',
    'deployment_succeeded 1  ',
    'deployment_succeeded 2  ',
    'deployment_target_failed 2  new',
  ],
};

/** What several hosts add to the points of `resume.test.ts`. */
const POINTS = [
  'deployment_placed',
  'app_assigned on local',
  'app_assigned on far',
  'app_assigned on new',
  'the host’s answer',
  'deployment_target_failed on new',
  'deployment_succeeded',
  'app_returned on far',
  'app_withdrawn from far',
  'app_withdrawn from new',
].flatMap((each) => [`before ${each}`, `after ${each}`]);

test('the story without a cut, and every point of it is known', async () => {
  const seen = new Set<string>();
  const result = await story((point) => {
    if (!/build/.test(point)) seen.add(point);
    return false;
  });
  expect(result).toEqual(END);
  expect([...seen].filter((point) => !/artifact/.test(point)).sort()).toEqual([...POINTS].sort());
});

test.each(POINTS)(
  'cut off %s, the next deployer comes to the same end, and says everything once',
  async (at) => {
    let isCut = false;
    const result = await story((point) => {
      if (isCut || point !== at) return false;
      isCut = true;
      return true;
    });
    expect(isCut).toBe(true);
    expect(result).toEqual(END);
  },
);
