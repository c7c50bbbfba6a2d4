import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sweepBoxes } from '../../../src/sandbox/index.ts';
import { descendantsOf } from '../descendants.ts';
import type { Runners } from '../inside/runner.ts';
import type { Drama, Scene } from '../scene.ts';

/** When somebody is killed after the command to start, in parts of the time that a start takes here. */
const MOMENTS = [
  [0, 0.15, 0.5, 0.9],
  [0.05, 0.3, 0.7, 1.2],
] as const;

/** Moments at which things are not yet, or no longer, as they are. */
export const races: readonly Drama[] = [
  {
    name: 'its runner is killed at every moment of a start',
    play: (scene) =>
      atEveryMoment(scene, (runner) => {
        runner.kill('SIGKILL');
      }),
  },
  {
    name: 'what starts its box is killed at every moment of a start',
    play: (scene) =>
      atEveryMoment(scene, (runner) => {
        // The runner's own children: bubblewrap, or what is about to become it.
        for (const { pid, parent } of descendantsOf(runner.pid ?? 0)) if (parent === runner.pid) kill(pid);
      }),
  },
  {
    name: 'everything that its runner started is stopped and killed at once, in the order in which it came',
    play: (scene) =>
      atEveryMoment(scene, (runner) => {
        for (const { pid } of descendantsOf(runner.pid ?? 0)) kill(pid);
      }),
  },
  {
    name: 'ends itself while its module is loaded',
    play: (scene) => failToStart(scene, 'ends-at-once.mjs'),
  },
  {
    name: 'says it is ready, and ends, before it is looked at',
    play: (scene) => failToStart(scene, 'ready-at-once.mjs'),
  },
  {
    name: 'is killed while it is stopped',
    async play({ runners, world, neighbour }) {
      const app = await runners.start('attacker.mjs');
      const gone = once(app.child, 'exit');
      app.child.kill('SIGTERM');
      app.child.kill('SIGKILL');
      await gone;
      await neighbour.visit();
      return swept(world.home);
    },
  },
];

async function atEveryMoment(
  { runners, world, whileVisited }: Scene,
  strike: (runner: ChildProcess) => void,
): Promise<string[]> {
  const startMs = await timeOfStart(runners);
  const problems = await whileVisited(async () => {
    const strikeAt = async (moment: number) => {
      const { child, deploy } = await runners.startEmpty('attacker.mjs');
      const gone = once(child, 'exit');
      const deployed = deploy().catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, moment));
      strike(child);
      // What was struck late lives on as an app that nobody asked for: it is ended like any other.
      const outcome = await Promise.race([deployed, gone]);
      if (outcome !== null) child.kill('SIGKILL');
      await gone;
    };
    // Two at a time: most of it is waiting for what is struck to be gone.
    await Promise.all(
      MOMENTS.map(async (moments) => {
        for (const moment of moments) await strikeAt(moment * startMs);
      }),
    );
  });
  return [...problems, ...(await swept(world.home))];
}

/** Milliseconds from the command to start to its answer. */
async function timeOfStart(runners: Runners): Promise<number> {
  const { child, deploy } = await runners.startEmpty('attacker.mjs');
  const gone = once(child, 'exit');
  const commanded = performance.now();
  await deploy();
  const took = performance.now() - commanded;
  child.kill('SIGKILL');
  await gone;
  return took;
}

async function failToStart({ runners, world }: Scene, fixture: string): Promise<string[]> {
  const { child, deploy } = await runners.startEmpty(fixture);
  const gone = once(child, 'exit');
  await deploy().catch(() => null);
  child.kill('SIGKILL');
  await gone;
  return swept(world.home);
}

/**
 * Does what the next start of the office does.
 *
 * @returns a sentence when there is still more than the neighbour's box
 */
async function swept(home: string): Promise<string[]> {
  await sweepBoxes({ home });
  const names = await readdir(join(home, 'boxes'));
  const records = names.filter((name) => /^\d+\.json$/.test(name));
  return records.length > 1 ? [`records are left of boxes that nobody owns: ${records.join(', ')}`] : [];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has gone meanwhile
  }
}
