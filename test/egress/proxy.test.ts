import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Face } from './faces/face.ts';
import { openProxyFace } from './faces/proxy.ts';
import { casesOf, tryCase } from './try-cases.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let face: Face;
beforeAll(async () => {
  world = await openWorld();
  face = await openProxyFace(world);
});
afterAll(async () => {
  await face?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

test('there are at least sixty of them', () => {
  expect(casesOf('proxy').length).toBeGreaterThanOrEqual(60);
});

describe('who writes to the socket of a channel what he likes does not get out', () => {
  test.each(casesOf('proxy').map((each) => [each.name, each] as const))('%s', (_, each) =>
    tryCase(face, world, each),
  );
});
