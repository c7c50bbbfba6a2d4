import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CERTIFICATE, until } from '../../src/egress/testing/index.ts';
import { openWorkerFace, type WorkerFace } from './faces/worker.ts';
import { casesOf, tryCase } from './try-cases.ts';
import { withoutBoxes } from './without-boxes.ts';
import { openWorld, type World } from './world.ts';

let world: World;
let face: WorkerFace;
beforeAll(async () => {
  world = await openWorld();
  if (!withoutBoxes) face = await openWorkerFace(world);
});
afterAll(async () => {
  await face?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

const GRANTED = {
  granted: [
    'http://allowed.example:{http}',
    'https://allowed.example:{https}',
    '127.0.0.1:{http}',
    '127.0.0.1:{https}',
  ],
  addresses: { 'allowed.example': [['127.0.0.1']] },
} as const;

test('there are at least sixty of them', () => {
  expect(casesOf('worker').length).toBeGreaterThanOrEqual(60);
});

describe('an app of Node does not get out', () => {
  test.skipIf(withoutBoxes).each(casesOf('worker').map((each) => [each.name, each] as const))(
    '%s',
    (_, each) => tryCase(face, world, each),
  );
});

test.skipIf(withoutBoxes)('it reaches what it is granted, by every client it has', async () => {
  world.set(GRANTED);
  const http = world.fill('http://allowed.example:{http}');
  const https = world.fill('https://allowed.example:{https}');
  const place = { host: 'allowed.example', port: world.server.httpsPort };
  const seen = await face.tell(
    { by: 'websocket', url: `${http.replace('http:', 'ws:')}/` },
    { by: 'fetch', url: `${http}/` },
    { by: 'fetch', url: world.fill('http://127.0.0.1:{http}/') },
    { by: 'fetch', url: `${http}/parts` },
    { by: 'fetch', url: `${http}/hops/10` },
    { by: 'http', url: `${http}/` },
    { by: 'https', url: `${https}/`, ca: CERTIFICATE },
    { by: 'tls', ...place, servername: 'allowed.example', ca: CERTIFICATE },
  );
  expect(seen.map(({ by, received, error }) => [by, received, error])).toEqual([
    ['websocket', 'reached', null],
    ...['fetch', 'fetch', 'fetch', 'fetch', 'http', 'https'].map((by) => [
      by,
      expect.stringMatching(/^200 reached$/),
      null,
    ]),
    ['tls', '', null],
  ]);
  expect(seen.at(-1)?.isConnected).toBe(true);
  expect(world.said).toEqual([]);
});

test.skipIf(withoutBoxes)(
  'what is said in a tunnel behind the moment its grant is taken back reaches nobody',
  async () => {
    world.set({ granted: ['allowed.example:{port}', '127.0.0.1:{port}'], addresses: GRANTED.addresses });
    const heard = () => world.canaries.heard().get('127.0.0.1')?.text;
    const words = (text: string) => [Buffer.from(text).toString('base64')];
    await face.tell({
      ...{
        by: 'raw',
        host: 'allowed.example',
        port: world.canaries.port,
        words: words('\0before'),
        hold: true,
      },
    });
    await until('the first word', () => heard() === '\0before');
    world.revoke();
    const [seen] = await face.tell({ by: 'more', words: words('after') });
    expect(seen?.hasEnded).toBe(true);
    expect(heard()).toBe('\0before');
    expect(world.said).toContainEqual(expect.stringContaining('was ended; what allowed it was taken back'));
  },
);
