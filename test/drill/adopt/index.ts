import { SUPERVISOR_POINTS, type SupervisorPoint } from '../../../src/supervisor/index.ts';
import type { Drill } from '../drill.ts';
import { seeded } from '../random.ts';
import { dieAndAdopt } from './adopt-drill.ts';
import { deathAt, drawDeath, drawPoints } from './deaths.ts';

/** Rounds of each office: every one grows a log that is read whole after each death. */
const ROUNDS_AN_OFFICE = 30;

/**
 * `kill -9` of the supervisor, the node or both, in both arrangements: at moments drawn from the seed, and at every named point
 * of what a supervisor does.
 */
export const adopt: Drill = {
  name: 'adopt',
  what: 'kill -9 of supervisor, node or both while apps are operated; whatever runs is adopted',
  async run({ rounds, seed, say }) {
    const random = seeded(seed);
    const wanted = rounds ?? 3 * SUPERVISOR_POINTS.length;
    const atPoints = Array.from({ length: Math.ceil(wanted / 2 / SUPERVISOR_POINTS.length) }, () =>
      drawPoints(random),
    );
    const points = atPoints.flat().slice(0, Math.ceil(wanted / 2));
    const deaths = [
      ...points.map((point) => ({ arrangement: 'apart' as const, death: deathAt(point) })),
      ...Array.from({ length: wanted - points.length }, (_, index) => {
        const arrangement = index % 2 === 0 ? 'up' : 'apart';
        return { arrangement, death: drawDeath(arrangement, random) } as const;
      }),
    ];
    const total = { adopted: 0, answered: 0 };
    const reached = new Set<SupervisorPoint>();
    for (const arrangement of ['up', 'apart'] as const) {
      const own = deaths.filter((each) => each.arrangement === arrangement).map(({ death }) => death);
      for (let done = 0; done < own.length; done += ROUNDS_AN_OFFICE) {
        const some = own.slice(done, done + ROUNDS_AN_OFFICE);
        const report = await dieAndAdopt(arrangement, some, { seed: seed + done, say });
        total.adopted += report.adopted;
        total.answered += report.answered;
        for (const point of report.reached) reached.add(point);
      }
    }
    const missed = [...new Set(points)].filter((point) => !reached.has(point));
    return {
      rounds: wanted,
      seen: `${total.adopted} runners adopted, ${total.answered} requests answered and none failed, died at ${reached.size} of ${new Set(points).size} points${missed.length > 0 ? `, not at ${missed.join(', ')}` : ''}`,
    };
  },
};
