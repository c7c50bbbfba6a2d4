import { expect } from 'vitest';
import { type EgressCase, TABLE } from './case.ts';
import { OWN_MEANS } from './cases/own-means.ts';
import { REDIRECTS } from './cases/redirects.ts';
import type { Face } from './faces/face.ts';
import { violations } from './violations.ts';
import type { World } from './world.ts';

/** All that is tried. */
export const CASES: readonly EgressCase[] = [...TABLE, ...REDIRECTS, ...OWN_MEANS];

/** @returns those that have a form there */
export const casesOf = (name: Face['name']): readonly EgressCase[] =>
  CASES.filter((each) => !('why' in each[name]));

/**
 * Tries one where it has a form.
 *
 * @throws when it got through, did not end cleanly, reached a canary, or was not told on the app's log
 */
export async function tryCase(face: Face, world: World, tried: EgressCase): Promise<void> {
  world.set(tried);
  const outcomes = await face.attempt(tried);
  expect.soft(violations(tried, world)).toEqual([]);
  expect(outcomes?.length).toBeGreaterThan(0);
  for (const { by, isReached, isClean, shown } of outcomes ?? []) {
    const found = { by, isClean, isReached: isReached && tried.mayReach === undefined };
    expect(found, shown).toEqual({ by, isClean: true, isReached: false });
  }
  const entry = typeof tried.entry === 'object' ? tried.entry[face.name] : tried.entry;
  if (entry === undefined) return;
  expect(world.said).toContainEqual(expect.stringContaining(`http_allow_list = ["${world.fill(entry)}"]`));
}
