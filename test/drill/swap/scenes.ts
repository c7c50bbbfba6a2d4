import { isAlive } from '../../e2e/office.ts';
import { expectKept } from '../drill.ts';
import type { Random } from '../random.ts';
import { until } from '../until.ts';
import { BOUND, type Loss } from './judge.ts';
import { now } from './sample.ts';
import type { Outcome, SwappedApp } from './swapped-app.ts';

/** What a scene plays with. */
export interface Stage {
  readonly app: SwappedApp;
  readonly random: Random;
  /** Asks the app for its name, as its visitors do. */
  readonly ask: () => Promise<string>;
  /** What was killed so far, with what may be lost by it. */
  readonly losses: Loss[];
}

/** Versions that are well; the app runs one of them between scenes. */
export const GOOD = ['v001', 'v002', 'v003'] as const;
/** It never answers its health path: a loop without end, and fuel for it. */
export const SICK = 'sick';
export const SICK_MANIFEST =
  'fuel_per_request = 9000000000000000\n\n[health]\npath = "/loop"\ntimeout_sec = 1\n';

/** Ways in which an app is replaced; none of them may be felt by who visits it. Each begins and ends with a good version in place. */
export const SCENES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async 'forth and back'({ app, random }) {
    expectEnd(await app.deploy(await another(app, random)), 'switched');
    expectEnd(await app.rollback(), 'switched');
  },

  async 'a version that never gets healthy'({ app, ask }) {
    const before = await ask();
    expectEnd(await app.deploy(SICK), 'failed');
    await app.settled();
    const after = await ask();
    expectKept(after === before, `${before} was to go on, and ${after} answers`);
  },

  async 'a version that crashes right after the flip'({ app, random, ask, losses }) {
    const name = await another(app, random);
    expectEnd(await app.deploy(name), 'switched');
    const from = await kill(await app.pid());
    const served = await ask();
    losses.push({ from, until: now(), kinds: BOUND });
    expectKept(served === name, `${name} crashed, and ${served} answers`);
  },

  async 'called off in the middle'({ app, random, ask }) {
    const before = await ask();
    const { id, end } = await app.ask(await another(app, random));
    await new Promise((resolve) => setTimeout(resolve, random.int(0, 150))); // at any stage
    await app.cancel(id).catch(() => {}); // it may have ended just now
    const { phase, name } = await end;
    await app.settled();
    const after = await ask();
    const rightful = phase === 'switched' ? name : before;
    expectKept(after === rightful, `it ended ${phase}, and ${after} answers where ${rightful} should`);
    app.over(phase === 'switched' ? before : name);
  },

  async 'the old one is killed while it drains'({ app, random, losses }) {
    const old = await app.pid();
    expectEnd(await app.deploy(await another(app, random)), 'switched');
    const switched = now(); // whoever came later is not with the old one
    losses.push({ from: await kill(old), until: switched, kinds: BOUND });
  },

  async 'two deployments at once'({ app, random }) {
    const one = await another(app, random);
    const other = GOOD.find((name) => name !== one) ?? one;
    const ends = await Promise.all([app.deploy(one), app.deploy(other)]);
    for (const { phase, reason } of ends)
      expectKept(['switched', 'superseded'].includes(phase), `one ended ${phase}: ${reason}`);
    expectKept(
      ends.some(({ phase }) => phase === 'switched'),
      'neither of two got in place',
    );
  },
};

function expectEnd({ name, phase, reason }: Outcome, wanted: Outcome['phase']): void {
  expectKept(phase === wanted, `${name} was to end ${wanted} and ended ${phase}: ${reason}`);
}

/** A good version that is not in place. */
async function another(app: SwappedApp, random: Random): Promise<string> {
  return random.pick(GOOD.filter((name) => name !== app.inPlace));
}

/** @returns the moment before which it lived; resolves when it is gone */
async function kill(pid: number): Promise<number> {
  const from = now();
  process.kill(pid, 'SIGKILL');
  await until(`the end of ${pid}`, async () => !(await isAlive(pid)));
  return from;
}
