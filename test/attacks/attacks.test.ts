import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { skipWithout } from '../requirements.ts';
import { AFTERWARDS, ATTACKS, casesOf, DRAMAS, MIXED_UP, PLAYED_ONCE } from './cases/index.ts';
import type { Outcome } from './scene.ts';
import { startRun } from './start-run.ts';

const RUN_MS = 300_000;

const isRoot = process.getuid?.() === 0;
const isMissing = skipWithout('bubblewrap', existsSync('/usr/bin/bwrap'));

/** Which outcomes there must be: group, name, layer. */
function expected(playsAll: boolean): (readonly [group: string, name: string, layer: string | null])[] {
  return [
    ...casesOf(ATTACKS).flatMap(([group, { name, layers }]) =>
      layers.map((layer) => [group, name, layer] as const),
    ),
    ...casesOf(DRAMAS)
      .filter(([group]) => playsAll || !PLAYED_ONCE.has(group))
      .map(([group, { name }]) => [group, name, null] as const),
    [AFTERWARDS.group, AFTERWARDS.name, null],
  ];
}

const RUNS: readonly {
  readonly office: string;
  readonly what: 'attacks' | 'attacks-once';
  readonly asRoot: boolean;
}[] = isRoot
  ? [
      { office: 'of root', what: 'attacks', asRoot: true },
      { office: 'of an ordinary user', what: 'attacks-once', asRoot: false },
    ]
  : [{ office: 'of an ordinary user', what: 'attacks', asRoot: false }];

describe.skipIf(isMissing).each(RUNS)('in an office $office', ({ what, asRoot }) => {
  let outcomes: Outcome[];
  beforeAll(async () => {
    outcomes = await startRun(what, asRoot);
  }, RUN_MS);

  it.each(expected(what === 'attacks'))('%s: an app that %s (%s) gets nowhere', (group, name, layer) => {
    const found = outcomes.find((one) => one.group === group && one.name === name && one.layer === layer);
    expect(found?.problems).toEqual([]);
  });
});

describe.skipIf(isMissing)('where a wall is missing', () => {
  let outcomes: Outcome[];
  beforeAll(async () => {
    outcomes = await startRun('holes', false);
  }, RUN_MS);

  const attacks = casesOf(ATTACKS).flatMap(([group, { name, hole }]) =>
    hole === undefined ? [] : [[group, name, String(hole)] as const],
  );
  attacks.push([MIXED_UP.group, MIXED_UP.name, 'order']);
  it.each(attacks)('%s: it is seen that an app %s (without %s)', (group, name) => {
    expect(outcomes.find((one) => one.group === group && one.name === name)?.problems).toEqual([]);
  });
});
