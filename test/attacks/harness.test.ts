import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { descendantsOf, leftRunning } from './descendants.ts';
import { visitWhile } from './neighbour.ts';

it('sees a process that is left running, and no more when it has ended', async () => {
  const known = new Set(descendantsOf(process.pid).map(({ pid }) => pid));
  const child = spawn('/bin/sleep', ['60']);
  expect(await leftRunning(known, 200)).toEqual([`left running: ${child.pid} /bin/sleep 60`]);
  child.kill();
  await once(child, 'exit');
  expect(await leftRunning(known, 5_000)).toEqual([]);
});

/** Takes so long in the nine visits before, in those meanwhile, and in those afterwards. */
function neighbourOf(before: number, meanwhile: number, afterwards: number) {
  let visits = 0;
  let isOver = false;
  return {
    visit: async () => {
      visits += 1;
      if (visits <= 9) return before;
      return isOver ? afterwards : meanwhile;
    },
    attack: async () => {},
    over: () => {
      isOver = true;
    },
  };
}

it('sees a neighbour that is slow while something happens, and neither before nor afterwards', async () => {
  const harmed = neighbourOf(10, 80, 10);
  const said = await visitWhile(harmed, harmed.attack, harmed.over);
  expect(said).toEqual([expect.stringMatching(/took 80 ms, more than 50, in the middle of 9 visits/)]);
});

it('holds nothing against a neighbour on a machine that is slow by itself', async () => {
  const slow = neighbourOf(10, 80, 40);
  expect(await visitWhile(slow, slow.attack, slow.over)).toEqual([]);
});

it('sees a neighbour that fails a visit', async () => {
  let visits = 0;
  const neighbour = {
    visit: async () => {
      visits += 1;
      if (visits === 12) throw new Error('gone');
      return 1;
    },
  };
  expect(await visitWhile(neighbour, async () => {})).toEqual(['the neighbour failed: Error: gone']);
});
