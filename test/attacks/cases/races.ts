import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sweepBoxes } from '../../../src/sandbox/index.ts';
import { descendantsOf } from '../descendants.ts';
import type { Drama, Scene } from '../scene.ts';

/** Milliseconds after the command to start at which somebody is killed: a start takes some hundred. */
const MOMENTS_MS = [0, 5, 15, 30, 60, 90, 130, 200];

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
  const problems = await whileVisited(async () => {
    for (const moment of MOMENTS_MS) {
      const { child, deploy } = await runners.startEmpty('attacker.mjs');
      const gone = once(child, 'exit');
      const deployed = deploy().catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, moment));
      strike(child);
      // What was struck late lives on as an app that nobody asked for: it is ended like any other.
      const outcome = await Promise.race([deployed, gone]);
      if (outcome !== null) child.kill('SIGKILL');
      await gone;
    }
  });
  return [...problems, ...(await swept(world.home))];
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
