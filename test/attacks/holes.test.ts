import { beforeAll, describe, expect, it } from 'vitest';
import { ATTACKS, casesOf, MIXED_UP, SMUGGLED } from './cases/index.ts';
import { isMissing, RUN_MS } from './expected.ts';
import type { Outcome } from './scene.ts';
import { startRun } from './start-run.ts';

describe.skipIf(isMissing)('where a wall is missing', () => {
  let outcomes: Outcome[];
  beforeAll(async () => {
    outcomes = await startRun('holes', false);
  }, RUN_MS);

  const attacks = casesOf(ATTACKS).flatMap(([group, { name, hole }]) =>
    hole === undefined ? [] : [[group, name, String(hole)] as const],
  );
  attacks.push([MIXED_UP.group, MIXED_UP.name, 'order'], [SMUGGLED.group, SMUGGLED.name, 'a strict parser']);
  it.each(attacks)('%s: it is seen that an app %s (without %s)', (group, name) => {
    expect(outcomes.find((one) => one.group === group && one.name === name)?.problems).toEqual([]);
  });
});
