import { expect, it } from 'vitest';
import type { Supervisor } from '../supervisor.ts';
import { newApp, primaryRecord } from '../test-support/host.ts';
import { tinyHost } from '../test-support/tiny-host.ts';
import { until } from '../test-support/until.ts';
import type { AppNow } from './metrics.ts';
import type { Chart } from './read-history.ts';

const app = newApp();
const host = tinyHost('file');

async function chart(supervisor: Supervisor, query: string, of = app): Promise<Chart> {
  const reply = await host.call(supervisor, 'GET', `/v1/apps/${of}/metrics?${query}`);
  expect(reply.status).toBe(200);
  return (await reply.json()) as Chart;
}

const total = (
  of: Chart,
  name: 'requests' | 'answers_2xx' | 'answers_5xx' | 'cold_starts' | 'restarts' | 'fuel',
) => of.points.reduce((sum, point) => sum + point[name], 0);

it('counts exactly what was asked, over a swap and a restart of the supervisor, and hours agree with steps', async () => {
  const settings = { ...host.assignment(app, 1).settings, fuel_per_request: 10_000_000 };
  host.node.assign(host.assignment(app, 1, { settings }));
  let supervisor = await host.start({ drainMs: 200 });
  await until('the assignment', () => host.node.events.length > 0);
  let at = await host.wake(supervisor, app);
  for (let i = 0; i < 20; i++) expect((await host.visit(at, '/')).status).toBe(200);
  for (let i = 0; i < 3; i++) expect((await host.visit(at, '/loop')).status).toBeGreaterThanOrEqual(500);
  await until('all to be counted', async () => total(await chart(supervisor, ''), 'requests') === 23);

  host.node.assign(host.assignment(app, 2, { settings }));
  at = await until('the new generation', async () => {
    const next = await host.wake(supervisor, app);
    return next.generation === 2 ? next : null;
  });
  for (let i = 0; i < 7; i++) await (await host.visit(at, '/')).text();
  await until('the new runner’s answers', async () => total(await chart(supervisor, ''), 'requests') === 30);

  await supervisor.close();
  for (let i = 0; i < 5; i++) await (await host.visit(at, '/')).text(); // nobody looks
  supervisor = await host.start();
  const from = new Date(Date.now() - 2 * 86_400_000).toISOString();
  await until('what was answered meanwhile', async () => {
    return total(await chart(supervisor, `from=${from}&step=3600`), 'requests') === 35;
  });
  const hours = await chart(supervisor, `from=${from}&step=3600`);
  expect(total(hours, 'answers_2xx')).toBe(32);
  expect(total(hours, 'answers_5xx')).toBe(3);
  expect(total(hours, 'cold_starts')).toBe(1); // the swap was none
  expect(total(hours, 'fuel')).toBeGreaterThan(30_000_000); // three that ran out of it
  expect(total(hours, 'fuel')).toBeLessThan(31_000_000);
  const point = hours.points.at(-1)!;
  expect(point.buckets.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(35);
  expect(point.p50_ms).toBeGreaterThan(0);
  expect(point.memory_bytes).toBeGreaterThan(10_000_000);
  expect(point.cpu_ms).toBeGreaterThan(0);
  expect(point.fuel).toBeGreaterThan(3 * 10_000_000 * 0.9); // three requests used all of theirs
  expect(point.fuel_per_sec).toBeGreaterThan(0);
  expect(point.cold_start_ms).toBeGreaterThan(0);

  const reply = await host.call(supervisor, 'GET', '/v1/metrics');
  const { apps } = (await reply.json()) as { apps: AppNow[] };
  expect(apps).toEqual([
    expect.objectContaining({ app, state: 'running', memory_bytes: expect.any(Number) }),
  ]);
  const wrong = await host.call(supervisor, 'GET', `/v1/apps/${app}/metrics?step=7`);
  expect([wrong.status, ((await wrong.json()) as { code: string }).code]).toEqual([400, 'query_invalid']);
});

it('counts every runner that ended unasked, also where its app did well in between, and one that nobody watched', async () => {
  const crashing = newApp();
  let supervisor = await host.start({ drainMs: 200 });
  const crashes = () =>
    host.node.events.filter(({ type, data }) => type === 'app_crashed' && data.app === crashing).length;
  const kill = async (generation: number, count: number) => {
    const up = await until('it to run', async () => {
      const reply = await host.call(supervisor, 'POST', `/v1/apps/${crashing}/wake`);
      const isUp =
        reply.status === 200 && ((await reply.json()) as { generation: number }).generation === generation;
      return isUp ? primaryRecord(host.home, crashing) : null;
    });
    process.kill(up.pid, 'SIGKILL');
    await until(`crash ${count} to be told`, () => crashes() === count);
  };
  host.node.assign(host.assignment(crashing, 1));
  await kill(1, 1);
  host.node.assign(host.assignment(crashing, 2)); // begins without failures
  await kill(2, 2);
  const of = async () => total(await chart(supervisor, '', crashing), 'restarts');
  await until('both to be counted', async () => (await of()) === 2);

  host.node.assign(host.assignment(crashing, 3));
  await until('it to run again', async () => {
    const reply = await host.call(supervisor, 'POST', `/v1/apps/${crashing}/wake`);
    return reply.status === 200 && primaryRecord(host.home, crashing)?.generation === 3;
  });
  await supervisor.close();
  process.kill(primaryRecord(host.home, crashing)!.pid, 'SIGKILL');
  supervisor = await host.start();
  await until('the third to be told', () => crashes() === 3);
  const from = new Date(Date.now() - 2 * 86_400_000).toISOString();
  const hours = async () => total(await chart(supervisor, `from=${from}&step=3600`, crashing), 'restarts');
  await until('all three to be on record', async () => (await hours()) === 3);
});
