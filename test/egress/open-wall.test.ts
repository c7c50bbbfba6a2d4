import { expect, test } from 'vitest';
import type { EgressCase } from './case.ts';
import { openComponentFace } from './faces/component.ts';
import type { OpenFace } from './faces/face.ts';
import { openProxyFace } from './faces/proxy.ts';
import { openWorkerFace } from './faces/worker.ts';
import { casesOf } from './try-cases.ts';
import { violations } from './violations.ts';
import { withoutBoxes } from './without-boxes.ts';
import { openWorld } from './world.ts';

/** Milliseconds after which one is left; what comes through has come by then. */
const PATIENCE_MS = 250;

/** What the channel's socket reads no request in, and what the box has no network for, comes through nowhere. */
const FACES: readonly (readonly [name: string, open: OpenFace, least: number])[] = [
  ['the proxy', (world) => openProxyFace(world, PATIENCE_MS), 0.8],
  ['an app of Node', (world) => openWorkerFace(world, PATIENCE_MS), 0.8],
  ['a component', openComponentFace, 0.85],
];

test.skipIf(withoutBoxes).each(FACES)(
  'without a wall, the canaries hear nearly all of %s',
  async (_, open, least) => {
    await using world = await openWorld('none');
    await using face = await open(world);
    const tried = casesOf(face.name).filter((each) => !each.isSlow);
    const missed: EgressCase[] = [];
    for (const each of tried) {
      world.set(each);
      await face.attempt(each);
      if (violations(each, world).length === 0) missed.push(each);
    }
    const shown = missed.map(({ name }) => name).join('\n');
    expect(1 - missed.length / tried.length, shown).toBeGreaterThan(least);
  },
  120_000,
);
