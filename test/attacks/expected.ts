import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { skipWithout } from '../requirements.ts';
import { layersOf } from './attack.ts';
import { AFTERWARDS, ATTACKS, casesOf, DRAMAS } from './cases/index.ts';
import type { Outcome } from './scene.ts';
import { startRun } from './start-run.ts';

/** Milliseconds for one run of the suite. */
export const RUN_MS = 600_000;

export const isMissing = skipWithout('bubblewrap', existsSync('/usr/bin/bwrap'));

/** Which outcomes there must be: group, name, layer. */
function expected(playsAll: boolean): (readonly [group: string, name: string, layer: string | null])[] {
  return [
    ...casesOf(ATTACKS).flatMap(([group, attack]) =>
      layersOf(attack).map((layer) => [group, attack.name, layer] as const),
    ),
    ...casesOf(DRAMAS)
      .filter(([, { isPlayedOnce }]) => playsAll || isPlayedOnce !== true)
      .map(([group, { name }]) => [group, name, null] as const),
    [AFTERWARDS.group, AFTERWARDS.name, null],
  ];
}

/** All cases against an office of root, or of an ordinary user; where there are both, root's alone has what does not depend on that. */
export function attackOffice(what: 'attacks' | 'attacks-once', asRoot: boolean): void {
  describe.skipIf(isMissing)(`in an office of ${asRoot ? 'root' : 'an ordinary user'}`, () => {
    let outcomes: Outcome[];
    beforeAll(async () => {
      outcomes = await startRun(what, asRoot);
    }, RUN_MS);

    it.each(expected(what === 'attacks'))('%s: an app that %s (%s) gets nowhere', (group, name, layer) => {
      const found = outcomes.find((one) => one.group === group && one.name === name && one.layer === layer);
      expect(found?.problems).toEqual([]);
    });
  });
}
