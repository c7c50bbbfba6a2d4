import { setTimeout as after } from 'node:timers/promises';

/** @throws naming what did not come, when it did not in time */
export async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await after(20);
  }
}
