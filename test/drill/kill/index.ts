import type { Drill } from '../drill.ts';
import { killAgainAndAgain } from './kill-drill.ts';

/** Rounds of each office: every one grows a log that is read whole after each death. */
const ROUNDS_AN_OFFICE = 25;

/** `kill -9` of the node at random moments, in both arrangements in turn. */
export const kill: Drill = {
  name: 'kill',
  what: 'kill -9 of the node amid work, then the promises are counted',
  async run({ rounds, seed, say }) {
    const wanted = rounds ?? 100;
    const total = { events: 0, repeated: 0, deployments: 0, holds: 0 };
    for (let done = 0, office = 0; done < wanted; office++) {
      const arrangement = office % 2 === 0 ? 'up' : 'apart';
      const some = Math.min(ROUNDS_AN_OFFICE, wanted - done);
      const report = await killAgainAndAgain(arrangement, some, { seed: seed + office, say });
      done += some;
      total.events += report.events;
      total.repeated += report.repeated;
      total.deployments += report.deployments;
      total.holds += report.holds.length;
      for (const hold of report.holds) say(`the loop was held: ${hold}`);
    }
    const { events, repeated, deployments, holds } = total;
    return {
      rounds: wanted,
      seen: `${events} events kept, ${repeated} unanswered requests repeated, ${deployments} deployments ended once, loop held ${holds} times`,
    };
  },
};
