import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ComponentFace, openComponentFace } from './faces/component.ts';
import { CASES, casesOf, tryCase } from './try-cases.ts';
import { withoutBoxes } from './without-boxes.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let face: ComponentFace;
beforeAll(async () => {
  world = await openWorld();
  if (!withoutBoxes) face = await openComponentFace(world);
});
afterAll(async () => {
  await face?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

const GRANTED = {
  granted: ['http://allowed.example:{http}', '127.0.0.1:{http}'],
  addresses: { 'allowed.example': [['127.0.0.1']] },
} as const;

test('there are at least a hundred of them, and what it cannot say has a reason', () => {
  expect(casesOf('component').length).toBeGreaterThanOrEqual(100);
  const reasons = CASES.flatMap(({ component }) => ('why' in component ? [component.why] : []));
  expect(reasons.length).toBe(CASES.length - casesOf('component').length);
});

describe('a component does not get out', () => {
  test.skipIf(withoutBoxes).each(casesOf('component').map((each) => [each.name, each] as const))(
    '%s',
    (_, each) => tryCase(face, world, each),
  );
});

test.skipIf(withoutBoxes)('it reaches what it is granted, and follows no redirect by itself', async () => {
  world.set(GRANTED);
  for (const path of [
    'http://allowed.example:{http}/',
    'http://127.0.0.1:{http}/',
    'http://allowed.example:{http}/parts',
  ])
    expect(await face.ask(world.fill(path))).toEqual({ status: 200, body: 'reached' });
  const inward = 'http://allowed.example:{http}/inward/302?to=http://127.0.0.1:{port}/';
  expect(await face.ask(world.fill(inward))).toEqual({ status: 302, body: '' });
  expect(world.canaries.heard().get('127.0.0.1')?.connections).toBe(0);
  expect(world.said).toEqual([]);
});

test.skipIf(withoutBoxes)(
  'a connection that it keeps is of no use once its grant is taken back',
  async () => {
    world.set(GRANTED);
    const url = world.fill('http://allowed.example:{http}/');
    expect((await face.ask(url)).status).toBe(200);
    world.revoke();
    expect(await face.ask(url)).toEqual({ status: 502, body: 'error 15\n' });
  },
);
