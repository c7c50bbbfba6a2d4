import type { AttackCode } from '../attack.ts';
import { commandOf, descendantsOf } from '../descendants.ts';
import type { Drama, Scene } from '../scene.ts';

/** Milliseconds of CPU without a turn of the event loop: the office's bound for workers. */
const BUDGET_MS = 1_000;
/** Of the budget; an app that is over it by more has not been ended for it. */
const TOLERANCE = 1.2;
const TICK_MS = 10;
const DEADLINE_MS = 35_000;

const LOOPS: readonly {
  readonly name: string;
  readonly code: AttackCode;
  readonly isPlayedOnce?: boolean;
}[] = [
  {
    name: 'loops for ever',
    code: () => {
      for (;;);
    },
  },
  {
    name: 'matches a pattern that takes for ever',
    isPlayedOnce: true,
    code: () => /^(a+)+$/.test(`${'a'.repeat(60)}!`),
  },
  {
    name: 'keeps promises without end, which lets the event loop have no turn',
    code: () => {
      const again = (): Promise<void> => Promise.resolve().then(again);
      return again();
    },
  },
  {
    name: 'calls itself at the next tick without end',
    isPlayedOnce: true,
    code: () => {
      const again = () => process.nextTick(again);
      again();
      return new Promise(() => {});
    },
  },
];

/** Code that does not come back: it is ended by what it uses of the CPU, and nobody else waits for it. */
export const loops: readonly Drama[] = [
  ...LOOPS.map(({ name, isPlayedOnce = false, code }) => ({
    ...{ name, isPlayedOnce },
    play: (scene: Scene) => spin(scene, code),
  })),
];

async function spin({ runners, world, whileVisited }: Scene, code: AttackCode): Promise<string[]> {
  await using app = await runners.start('attacker.mjs');
  const guest = descendantsOf(app.child.pid ?? 0).findLast(({ pid }) => commandOf(pid).includes('guest.mjs'));
  if (guest === undefined) return ['no guest to be seen'];
  let used = 0;
  const look = setInterval(() => {
    const now = descendantsOf(app.child.pid ?? 0).find(({ pid }) => pid === guest.pid);
    used = Math.max(used, ((now?.cpuTicks ?? 0) - guest.cpuTicks) * TICK_MS);
  }, TICK_MS);
  const started = performance.now();
  const slow = await whileVisited(() => app.attack(code.toString(), world.targets(), DEADLINE_MS));
  clearInterval(look);
  const isAlive = descendantsOf(app.child.pid ?? 0).some(({ pid }) => pid === guest.pid);
  if (isAlive)
    return [
      ...slow,
      `it still runs after ${Math.round(performance.now() - started)} ms, with ${used} ms of CPU`,
    ];
  const most = BUDGET_MS * TOLERANCE;
  return used > most ? [...slow, `it used ${used} ms of CPU, more than ${most}`] : slow;
}
