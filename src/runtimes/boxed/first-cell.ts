import { PATIENCE_MS } from '../patience.ts';
import type { Prepared } from '../runtime.ts';
import type { Cell, CellPlan, GuestApp } from './cell.ts';
import { loadInto, type StartWords } from './load-into.ts';
import { newCell, takePrepared } from './prepared-cell.ts';

/** A cell in which an app serves, and the milliseconds that its parts took. */
export interface FirstCell {
  readonly first: Cell;
  readonly startup: { readonly box_ms: number; readonly load_ms: number };
}

/**
 * Has an app serve in the cell that waited for it, where that can be made fit, else in a new one; also when the one that waited ended before
 * anything of the app was in it. What waited is used up, whatever becomes of it.
 *
 * @param began when the start began, on the clock of `performance.now()`
 * @throws TabbifyError `start_failed`
 */
export async function firstCell(
  began: number,
  plan: CellPlan,
  prepared: Prepared | null,
  app: GuestApp,
  words: StartWords,
): Promise<FirstCell> {
  const waited = await takePrepared(plan, prepared);
  if (waited !== null) {
    try {
      return await served(began, waited, plan, app, words);
    } catch (error) {
      if (waited.hasTaken) throw error;
    }
  }
  return served(began, await newCell(plan), plan, app, words);
}

async function served(
  began: number,
  cell: Cell,
  { canWait }: CellPlan,
  app: GuestApp,
  words: StartWords,
): Promise<FirstCell> {
  const there = performance.now();
  const patience = canWait ? setTimeout(() => cell.hurry(), PATIENCE_MS).unref() : undefined;
  const first = await loadInto(cell, app, words).finally(() => clearTimeout(patience));
  if (canWait) first.hurry();
  const done = performance.now();
  return { first, startup: { box_ms: Math.round(there - began), load_ms: Math.round(done - there) } };
}
