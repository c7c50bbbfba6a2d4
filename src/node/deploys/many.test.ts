import { expect, test } from 'vitest';
import { builderDigest } from '../../builder/index.ts';
import { newId } from '../../kit/index.ts';
import { isOpenPhase, primaryOf } from '../../state/index.ts';
import { openDeployingOffice } from '../testing/deploying-office.ts';

const DEPLOYMENTS = 100;
const APPS = 20;

test('100 deployments at once all end: of each app the newest is in place, or what served before it', async () => {
  const office = await openDeployingOffice({});
  try {
    const builder = await builderDigest('wasm-http');
    const apps = Array.from({ length: APPS }, (_, n) => ({ uuid: newId(), slug: `app-${n}` }));
    const digests = new Map<string, string>();
    for (const { uuid, slug } of apps) {
      for (const version of [1, 2]) {
        const digest = await office.publish(uuid, version, slug);
        digests.set(`${uuid} ${version}`, digest);
        const made = {
          app: uuid,
          version,
          version_digest: digest,
          digest,
          prefix: `artifacts/${uuid}/${version}`,
        };
        await office.say('artifact_built', {
          ...made,
          kind: 'wasm-http',
          builder_digest: builder,
          build_ms: 1,
        });
      }
    }
    const running = await office.start();
    const first = await Promise.all(
      apps.map(({ uuid }) => office.request(uuid, 1, digests.get(`${uuid} 1`) ?? '')),
    );
    expect(await running.settled(AbortSignal.timeout(20_000))).toBe(true);
    office.broken.add('2'); // version 2 starts nowhere
    const rest = await Promise.all(
      Array.from({ length: DEPLOYMENTS - APPS }, (_, n) => {
        const { uuid } = apps[n % APPS]!;
        const version = 1 + (Math.floor(n / APPS) % 2);
        return office.request(uuid, version, digests.get(`${uuid} ${version}`) ?? '');
      }),
    );
    expect(await running.settled(AbortSignal.timeout(20_000))).toBe(true);
    const { deployments, apps: states } = running.live.office;
    const phases = [...first, ...rest].map((id) => deployments.get(id)!.phase);
    expect(phases).toHaveLength(DEPLOYMENTS);
    expect(phases.filter(isOpenPhase)).toEqual([]);
    expect(phases).toEqual(expect.arrayContaining(['switched', 'superseded']));
    for (const app of states.values()) {
      const { assignment, good } = primaryOf(app)!;
      expect([app.openDeployments.size, assignment.outcome, assignment.version]).toEqual([0, 'running', 1]);
      expect(good?.deployment).toBe(assignment.deployment);
    }
    await running.close();
    const told = (await office.events()).map(({ type, data }) => `${type} ${data.deployment_id}`);
    const ends = told.filter((each) => /^deployment_(succeeded|failed|superseded) /.test(each));
    expect([ends.length, new Set(ends).size]).toEqual([DEPLOYMENTS, DEPLOYMENTS]);
  } finally {
    await office.close();
  }
});
