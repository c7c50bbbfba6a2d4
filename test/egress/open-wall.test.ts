import { expect, test, vi } from 'vitest';
import type { EgressCase } from './case.ts';
import { openComponentFace } from './faces/component.ts';
import type { OpenFace } from './faces/face.ts';
import { openProxyFace } from './faces/proxy.ts';
import { openWorkerFace } from './faces/worker.ts';
import { casesOf } from './try-cases.ts';
import { violations } from './violations.ts';
import { withoutBoxes } from './without-boxes.ts';
import { openWorld } from './world.ts';

/** The other half of a component's wall: which fields it may set. Here it may set any; the component runs in this process for that. */
vi.mock('../../src/runtimes/wasm-http/wasi/http/field-rules.ts', () => ({
  isForbidden: () => false,
  isFieldName: () => true,
  isFieldValue: () => true,
}));

/** Milliseconds after which one is left; what comes through has come by then. */
const PATIENCE_MS = 250;

/**
 * How many are heard at least, whatever else is tried. What the channel's socket reads no request in comes through nowhere, nor what the box has no network
 * for, nor what a component's host has no means to write: a method, an authority or a path of other characters, a length that is none.
 */
const FACES: readonly (readonly [name: string, open: OpenFace, least: number])[] = [
  ['the proxy', (world) => openProxyFace(world, PATIENCE_MS), 160],
  ['an app of Node', (world) => openWorkerFace(world, PATIENCE_MS), 170],
  ['a component', (world) => openComponentFace(world, 'wasm-bare'), 80],
];

test.skipIf(withoutBoxes).each(FACES)(
  'without a wall, the canaries hear what is tried by %s',
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
    expect(tried.length - missed.length, shown).toBeGreaterThanOrEqual(least);
  },
  120_000,
);
