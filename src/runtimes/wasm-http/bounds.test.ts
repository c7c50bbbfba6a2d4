import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../testing/served-app.ts';
import { textOf, useProbe } from './probe.fixture.ts';

const startProbe = useProbe();

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(() => {
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

test('every way a guest breaks down is told apart, ends its own request only, and leaves no promise behind', async () => {
  await using served = await startProbe();
  const expected = {
    '/trap': 'app_trapped',
    '/recursion': 'app_trapped',
    '/exit': 'app_exited',
    '/none': 'app_no_response',
    '/unfinished': 'response_incomplete',
    '/overwrite': 'app_trapped',
    '/grow-then-trap': 'memory_exhausted',
    '/loop': 'fuel_exhausted',
  };
  for (const [path, code] of Object.entries(expected)) {
    const answer = await fetch(served.url + path);
    expect([path, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      path,
      500,
      code,
    ]);
    expect(served.logged.at(-1)).toMatch(`platform: GET ${path}: `);
    expect(await textOf(served, '/')).toMatch('requests');
  }
});

test('an instance that broke down is not used again, one that did not is', async () => {
  await using served = await startProbe();
  expect(await textOf(served, '/')).toBe('requests 1\n');
  expect(await textOf(served, '/')).toBe('requests 2\n');
  await textOf(served, '/trap');
  expect(await textOf(served, '/')).toBe('requests 1\n');
});

test('a trap behind the head breaks the connection, since the status can no more be changed', async () => {
  await using served = await startProbe();
  const answer = await fetch(`${served.url}/trap-late`);
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow();
  expect(await textOf(served, '/')).toMatch('requests');
});

test('fuel is counted per request: many that stay below the bound are all served by one instance', async () => {
  await using served = await startProbe({ fuelPerRequest: 1_000_000 });
  for (let turn = 0; turn < 50; turn++) expect((await fetch(`${served.url}/bytes/100000`)).status).toBe(200);
  expect(served.app.stats()).toMatchObject({ instances_created: 1, fuel_exhausted: 0 });
});

test('a loop over cheap host calls is fuel as well', async () => {
  await using served = await startProbe({ fuelPerRequest: 20_000_000 });
  for (const path of ['/ask-on', '/wait-on']) expect(await textOf(served, path)).toMatch('fuel_exhausted');
});

test('a guest that waits only for what is ready does not keep the event loop from others', async () => {
  await using served = await startProbe({ fuelPerRequest: 1_000_000_000 });
  const spinning = new AbortController();
  const spin = fetch(`${served.url}/wait-on`, { signal: spinning.signal }).catch(() => {});
  await until('it spins', () => served.app.stats().instances_busy === 1);
  expect((await fetch(`${served.url}/status/200`)).status).toBe(200);
  expect(served.app.stats().instances_busy).toBe(1); // it spins still: nobody waited for its end
  spinning.abort();
  await spin;
  await until('its instance is given up', () => served.app.stats().instances_busy === 0);
});

test('handles the guest never drops end it before they fill the memory of the host', async () => {
  await using served = await startProbe({ fuelPerRequest: 1_000_000_000 });
  expect(await textOf(served, '/hoard')).toMatch('handles held at once');
});

test('requests beyond what the instances and the queue take are told to come back', async () => {
  await using served = await startProbe({ memoryMb: 2048 }); // room for one instance only
  const leave = new AbortController();
  const waiting = Array.from({ length: 600 }, () =>
    fetch(`${served.url}/forever`, { signal: leave.signal }).then(
      (answer) => ({ status: answer.status, retryAfter: answer.headers.get('retry-after') }),
      () => null,
    ),
  );
  const refused = await Promise.any(
    waiting.map(async (one) => ((await one)?.status === 503 ? one : Promise.reject())),
  );
  expect(refused).toEqual({ status: 503, retryAfter: '1' });
  leave.abort();
  await Promise.all(waiting);
  await until('nobody waits', () => served.app.stats().requests_waiting === 0);
  expect(await textOf(served, '/')).toMatch('requests');
});
