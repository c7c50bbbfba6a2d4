import { TestOffice } from '../../e2e/office.ts';
import { type Drill, expectKept } from '../drill.ts';
import { seeded } from '../random.ts';
import { type Crowd, sendCrowd } from './crowd.ts';
import { judge, type Loss } from './judge.ts';
import { outlastsTheDrain } from './outlasts.ts';
import { GOOD, SCENES, SICK, SICK_MANIFEST } from './scenes.ts';
import { pushSwappedApp } from './swapped-app.ts';
import { createVisits } from './visits.ts';

const PER_SECOND = 200;
const BURST = 20;
const MANY = 5;

/**
 * An app is replaced in every way there is while a crowd visits it, with hosts from the pool and without. Every request must be
 * answered whole, by a version that was in place, but for what a killed runner was bound to. More than one round takes long
 * enough to see what becomes of an answer that streams on after its version has drained.
 */
export const swap: Drill = {
  name: 'swap',
  what: 'an app is replaced in every way there is while a crowd visits it',
  async run({ rounds, seed, say }) {
    const wanted = rounds ?? 5;
    const random = seeded(seed);
    await using office = await TestOffice.create('up');
    office.extraEnv = { TABBIFY_WARM_HOSTS: '1' };
    await office.open();
    const [first, ...others] = GOOD;
    const app = await pushSwappedApp(office, first);
    for (const name of others) await app.publish(name);
    await app.publish(SICK, SICK_MANIFEST);
    const { hostname: host, port } = new URL(office.url);
    const visits = createVisits({ host, port: Number(port), prefix: `/app/${app.uuid}` });
    const losses: Loss[] = [];
    const stage = { app, random, losses, ask: async () => (await visits.make('get-new', 0)) ?? '' };
    const seen = { requests: 0, lost: 0 };
    const outlasting = wanted > 1 ? outlastsTheDrain(visits, app) : null;
    outlasting?.catch(() => {}); // waited for below
    for (let round = 1; round <= wanted; round += 1) {
      const pace = { perSecond: PER_SECOND, burst: BURST, streams: 4 };
      const crowd = await sendCrowd(office, app.uuid, {
        ...pace,
        streamMs: [500, 6_000],
        seed: seed + round,
      });
      await play(crowd, async () => {
        const scenes = Object.entries(SCENES)
          .map((scene) => ({ scene, at: random.next() }))
          .sort((a, b) => a.at - b.at);
        for (const { scene } of scenes) await scene[1](stage);
      });
      const { requests, lost, failures } = judge(await crowd.leave(), app.spans, losses);
      expectKept(
        failures.length === 0,
        () => `${failures.length} of ${requests} requests failed: ${failures.slice(0, MANY).join('; ')}`,
      );
      seen.requests += requests;
      seen.lost += lost;
      say(`round ${round}: ${requests} requests, ${lost} lost with a runner that was killed`);
    }
    const cut = await outlasting;
    return {
      rounds: wanted,
      seen: `${seen.requests} requests, 0 failed, ${seen.lost} lost with a runner that was killed${cut === null ? '' : `; an answer that outlasts the drain is cut ${(cut / 1000).toFixed(1)} s after the flip`}`,
    };
  },
};

/** Lets the crowd go also when the play breaks off. */
async function play(crowd: Crowd, scenes: () => Promise<void>): Promise<void> {
  try {
    await scenes();
  } catch (error) {
    await crowd.leave();
    throw error;
  }
}
