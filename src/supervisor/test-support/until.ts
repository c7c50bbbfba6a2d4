import { setTimeout as wait } from 'node:timers/promises';

/** Waits for a condition; what it gives back is the result. @throws naming what was waited for */
export async function until<Value>(
  what: string,
  look: () => Value | Promise<Value>,
  timeoutMs = 15_000,
): Promise<NonNullable<Value>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await wait(20);
  }
}
