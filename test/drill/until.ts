import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition, with a deadline; `what` names it when it never comes. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 20_000,
): Promise<void> {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${deadlineMs / 1000} s: ${what}`);
    await delay(5);
  }
}
