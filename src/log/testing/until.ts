import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition, with a deadline of ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`never true: ${condition}`);
    await delay(5);
  }
}
