import { api } from './api/index.ts';
import { page } from './page/index.ts';
import type { Starter } from './starter.ts';

/** Every starter there is; the page takes what no other fits. */
export const STARTERS: readonly Starter[] = [page, api];

/** The starter that fits an outcome best. */
export function chooseStarter(outcome: string): Starter {
  return STARTERS.reduce((best, each) => (each.matches(outcome) > best.matches(outcome) ? each : best), page);
}
