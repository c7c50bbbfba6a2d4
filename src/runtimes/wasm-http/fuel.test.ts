import { expect, test } from 'vitest';
import { openRequest, type ServedApp, until } from '../testing/served-app.ts';
import { textOf, useProbe } from './probe.fixture.ts';

const start = useProbe();

const fuelUsed = ({ app }: ServedApp) => app.stats().fuel_used ?? Number.NaN;
/** Fuel that one request uses. */
async function costOf(served: ServedApp, path: string): Promise<number> {
  const before = fuelUsed(served);
  await textOf(served, path);
  await until('the request to end', () => served.app.stats().in_flight === 0);
  return fuelUsed(served) - before;
}

test('nothing is used before the first request, though the start has run code', async () => {
  await using served = await start();
  expect(fuelUsed(served)).toBe(0);
  await served.app.health(new AbortController().signal);
  expect(fuelUsed(served)).toBe(0);
});

test('the same request in a clean instance uses the same to the last unit, however many there are', async () => {
  await using served = await start({ isolation: 'request' });
  const cost = await costOf(served, '/');
  expect(cost).toBeGreaterThan(100);
  expect(Number.isInteger(cost)).toBe(true);
  const before = fuelUsed(served);
  await Promise.all(Array.from({ length: 25 }, () => textOf(served, '/')));
  await until('all to end', () => served.app.stats().in_flight === 0);
  expect(fuelUsed(served) - before).toBe(25 * cost);
});

test.each([1_000_000, 200_000_000])(
  'a request that runs out of %i has used that and hardly more',
  async (fuelPerRequest) => {
    await using served = await start({ fuelPerRequest });
    const cost = await costOf(served, '/loop');
    expect(cost).toBeGreaterThan(fuelPerRequest);
    expect(cost).toBeLessThan(fuelPerRequest + 1_000); // the last block, and what the adapters did
  },
);

test('what the requests of one instance use adds up', async () => {
  await using served = await start();
  const large = await costOf(served, '/bytes/3000000');
  const small = await costOf(served, '/');
  expect(small).toBeGreaterThan(0);
  expect(small).toBeLessThan(large);
  expect(fuelUsed(served)).toBe(large + small);
});

test('what an instance has used stays counted when it is gone', async () => {
  await using served = await start();
  await costOf(served, '/');
  const before = fuelUsed(served);
  await textOf(served, '/trap'); // takes its instance along
  expect(fuelUsed(served)).toBeGreaterThan(before);
  const lasting = openRequest(served.port, '/events');
  await lasting.answer;
  const underWay = fuelUsed(served);
  await served.app.stop(0); // ends it
  expect(fuelUsed(served)).toBeGreaterThanOrEqual(underWay);
});
