import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifest, TINY, tinyApp } from './testing/apps.ts';
import { joinFakeSupervisor } from './testing/fake-supervisor.ts';
import { type RunningNode, startTestNode } from './testing/running-node.ts';

const PAGE = '<!doctype html><title>Site</title>'.repeat(100);
let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
  const site = { 'public/index.html': PAGE, 'public/robots.txt': 'none' };
  await node.push(TINY, { 'tabbify.toml': manifest(TINY, 'site', '[build]\nassets = "public"\n'), ...site });
  const { json } = await node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json: {} });
  await node.call(`/v1/deployments/${json.deployment_id}/stream`);
});
afterEach(() => node.close());

const visit = (path: string, headers: Record<string, string> = {}) =>
  node.call(`/app/${TINY}${path}`, { headers: { 'accept-encoding': 'identity', ...headers } });
interface Points {
  readonly points: readonly Readonly<Record<string, number>>[];
}
const sumOf = ({ points }: Points, figure: string) =>
  points.reduce((sum, point) => sum + (point[figure] ?? 0), 0);
const chart = async (query = '') => (await node.call(`/v1/apps/${TINY}/metrics${query}`)).json as Points;
/** An answer is counted when its connection has done with it, a moment after the visitor has it. */
const counted = (requests: number) =>
  expect.poll(async () => sumOf(await chart(), 'requests'), { timeout: 20_000 }).toBe(requests);

test('what the node answers with static files stands in the figures of the app, also after the node was restarted', async () => {
  expect((await visit('/')).text).toBe(PAGE);
  expect((await visit('/robots.txt')).text).toBe('none');
  expect((await visit('/nothing')).status).toBe(404);
  const etag = (await visit('/')).headers.get('etag') ?? '';
  expect((await visit('/', { 'if-none-match': etag })).status).toBe(304);
  await counted(5);
  const seen = await chart('?of=files');
  expect(['2xx', '3xx', '4xx', '5xx'].map((each) => sumOf(seen, `answers_${each}`))).toEqual([3, 1, 1, 0]);
  expect(sumOf(seen, 'bytes')).toBeGreaterThan(2 * PAGE.length);
  expect(sumOf(seen, 'latency_ms')).toBeGreaterThan(0);

  const [row] = (await node.call('/v1/metrics')).json.apps;
  expect(row).toMatchObject({ slug: 'site', state: 'serving', memory_bytes: null, restarts: 0 });
  expect(row.requests_per_sec).toBeGreaterThan(0);
  expect(row.file_requests_per_sec).toBe(row.requests_per_sec);
  expect(row.p50_ms).toBeGreaterThan(0);

  const { text } = await node.call('/metrics');
  const labels = 'office="default",app="site"';
  expect(text).toContain(`tabbify_app_file_requests_total{${labels}} 5\n`);
  expect(text).toContain(`tabbify_app_file_answers_total{${labels},class="4xx"} 1\n`);
  expect(text).toContain(`tabbify_app_file_latency_seconds_count{${labels}} 5\n`);
  expect(text).toMatch(/^tabbify_app_file_bytes_total\{.*\} [1-9]\d{3}/m);
  expect(text).not.toContain('tabbify_app_requests_total{');

  await node.restart();
  expect(sumOf(await chart('?step=3600'), 'requests')).toBe(5);
  expect((await chart('?step=7')) as object).toMatchObject({ code: 'query_invalid' });
});

test('an answer that the app behind its files gives is not counted as one of a file', async () => {
  const supervisor = await joinFakeSupervisor(node, (_request, response) => response.end('the app'));
  try {
    const app = await tinyApp(TINY, 'site', '[build]\nassets = "public"\n');
    await node.push(TINY, { ...app, 'public/robots.txt': 'none' });
    const { json } = await node.call(`/v1/apps/${TINY}/deploy`, { method: 'POST', json: {} });
    await supervisor.assigned(TINY);
    await supervisor.say('assignment_applied', { app: TINY, generation: 1, outcome: 'running' });
    await node.call(`/v1/deployments/${json.deployment_id}/stream`);
    expect([(await visit('/elsewhere')).text, (await visit('/robots.txt')).text]).toEqual([
      'the app',
      'none',
    ]);
    const files = async () => sumOf(await chart('?of=files'), 'requests');
    await expect.poll(files, { timeout: 20_000 }).toBe(1);
    expect((await visit('/robots.txt')).text).toBe('none');
    await expect.poll(files, { timeout: 20_000 }).toBe(2);
  } finally {
    await supervisor.close();
  }
});
