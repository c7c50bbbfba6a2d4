import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAnswerFigures, LATENCY_BOUNDS_MS } from '../runner/index.ts';
import { prometheusText } from './metrics/prometheus.ts';
import { OTHER, TINY, tinyApp } from './testing/apps.ts';
import { type Call, type RunningNode, startTestNode } from './testing/running-node.ts';
import { issue, openOffice } from './testing/tokens.ts';

let node: RunningNode;
beforeEach(async () => {
  node = await startTestNode();
});
afterEach(() => node.close());

/** Reads the text format 0.0.4: every line is a comment or one sample, every sample has a TYPE before it. */
function parsePrometheus(text: string): ReadonlyMap<string, number> {
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  for (const line of text
    .trimEnd()
    .split('\n')
    .filter((each) => each !== '')) {
    const [, kind, named, type] = /^# (HELP|TYPE) ([a-z_]+) (.*)$/.exec(line) ?? [];
    if (kind !== undefined) {
      if (kind === 'TYPE') types.set(named!, type!);
      continue;
    }
    const [, name, labels = '', value] = /^([a-z_]+)(\{(?:[a-z]+="[^"\n]*",?)+\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`not in the format: ${line}`);
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
    expect(types.get(family), line).toMatch(/^(counter|gauge|histogram)$/);
    expect(samples.has(name + labels), line).toBe(false);
    expect(Number.isFinite(Number(value)), line).toBe(true);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

test('/metrics tells what the node has answered, the log and the apps, in the format of Prometheus', async () => {
  await node.push(TINY, await tinyApp());
  const before = parsePrometheus((await node.call('/metrics')).text);
  for (let i = 0; i < 5; i++) await node.call('/v1/apps');
  for (let i = 0; i < 3; i++) await node.call('/v1/none');
  const reply = await node.call('/metrics');
  expect(reply.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const after = parsePrometheus(reply.text);
  const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  expect(grown('tabbify_edge_answers_total{to="office",class="2xx"}')).toBe(6); // the first scrape among them
  expect(grown('tabbify_edge_answers_total{to="office",class="4xx"}')).toBe(3);
  expect(grown('tabbify_edge_latency_seconds_count{to="office"}')).toBe(9);
  expect(after.get('tabbify_edge_open_requests{to="office"}')).toBe(1);
  expect(after.get('tabbify_apps{office="default",state="published"}')).toBe(1);
  expect(after.get('tabbify_log_head')).toBeGreaterThan(0);
  expect(after.get('tabbify_log_appended_total')).toBe(after.get('tabbify_log_head'));
  expect(after.get('tabbify_memory_bytes')).toBeGreaterThan(1e7);
  expect(after.get('tabbify_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
});

test('figures of the machine are for `metrics` and `admin` of the first office; of apps each office sees its own', async () => {
  const baker = await openOffice(node, 'bakery');
  await node.push(TINY, await tinyApp());
  const office = { headers: { 'tabbify-office': 'bakery' } };
  await node.push(OTHER, await tinyApp(OTHER), office);
  const metrics = { scopes: ['metrics'] };
  const tokenOf = async (body: object, slug?: string) => (await issue(node, { ...body }, slug)).token;
  const tokens = {
    viewer: await tokenOf({ name: 'viewer', role: 'viewer' }),
    scraper: await tokenOf({ name: 'scraper', ...metrics }),
    admin: await tokenOf({ name: 'admin', scopes: ['read', 'admin'] }),
    baker,
    bakersScraper: await tokenOf({ name: 'scraper', ...metrics }, 'bakery'),
  };
  const seen = async (token: string, options: Call = {}) => {
    const { status, text } = await node.call('/metrics', { token, ...options });
    expect(status).toBe(200);
    const names = [...parsePrometheus(text).keys()];
    return {
      machine: names.some((name) => /^tabbify_(log|edge|event|memory)/.test(name)),
      offices: ['default', 'bakery'].filter((slug) => text.includes(`office="${slug}"`)),
    };
  };
  expect(await seen(tokens.viewer)).toEqual({ machine: false, offices: ['default'] });
  expect(await seen(tokens.scraper)).toEqual({ machine: true, offices: ['default'] });
  expect(await seen(tokens.admin)).toEqual({ machine: true, offices: ['default'] });
  expect(await seen(tokens.baker)).toEqual({ machine: false, offices: ['bakery'] });
  expect(await seen(tokens.bakersScraper)).toEqual({ machine: false, offices: ['bakery'] });
  expect(await seen(node.token)).toEqual({ machine: true, offices: ['default', 'bakery'] });
  expect(await seen(node.token, office)).toEqual({ machine: true, offices: ['bakery'] });
  // a token for Prometheus is good for nothing else
  for (const path of ['/v1/apps', '/v1/metrics', `/v1/apps/${TINY}/metrics`, '/v1/events']) {
    expect((await node.call(path, { token: tokens.scraper })).status).toBe(403);
  }
  for (const kind of ['agent', 'app']) {
    const name = kind === 'app' ? TINY : 'agent';
    const refused = await node.call('/v1/tokens', { method: 'POST', json: { kind, name, ...metrics } });
    expect([refused.status, refused.json.code]).toEqual([403, 'not_allowed']);
  }
  const developer = await tokenOf({ name: 'dev', role: 'developer' });
  const given = { method: 'POST', json: { name: 'x', ...metrics }, token: developer };
  expect((await node.call('/v1/tokens', given)).status).toBe(403);
});

test('/metrics needs a credential, as all figures do', async () => {
  for (const path of ['/metrics', '/v1/metrics', `/v1/apps/${TINY}/metrics`]) {
    expect((await node.call(path, { token: 'nobody' })).status).toBe(401);
  }
  const wrong = await node.call(`/v1/apps/${TINY}/metrics?step=7`);
  expect([wrong.status, wrong.json.code, wrong.json.hint]).toEqual([
    400,
    'query_invalid',
    expect.stringContaining('step=10'),
  ]);
});

test('figures of an app are counters with its slug, office and host; beyond a thousand apps they are left out', async () => {
  const stats = createAnswerFigures().stats();
  expect(stats.http_requests).toBe(0);
  const buckets = LATENCY_BOUNDS_MS.map(() => 1).concat(2);
  const total = {
    observed_ms: 1,
    samples: 1,
    requests: 17,
    answers_2xx: 10,
    answers_3xx: 0,
    answers_4xx: 0,
    answers_5xx: 7,
    broken: 0,
    bytes: 0,
    latency_ms: 1500,
    cpu_ms: 2500,
    fuel: 42,
    cold_starts: 2,
    cold_start_ms: 300,
    restarts: 1,
    memory_sum_bytes: 5,
    memory_max_bytes: 5,
    buckets,
  };
  const app = (slug: string) => ({
    slug,
    office: 'o',
    state: 'running',
    files: null,
    figures: [
      { supervisor: 'one', total, memory_bytes: 5 },
      { supervisor: 'two', total: { ...total, requests: 4 }, memory_bytes: null },
    ],
  });
  const apps = Array.from({ length: 1_002 }, (_, index) => app(`a${index}`));
  const samples = parsePrometheus(await prometheusText(apps, null));
  const of = (name: string, more = '') => samples.get(`${name}{office="o",app="a1",supervisor="one"${more}}`);
  expect(of('tabbify_app_requests_total')).toBe(17);
  expect(samples.get('tabbify_app_requests_total{office="o",app="a1",supervisor="two"}')).toBe(4);
  expect(samples.has('tabbify_app_memory_bytes{office="o",app="a1",supervisor="two"}')).toBe(false);
  expect(of('tabbify_app_answers_total', ',class="5xx"')).toBe(7);
  expect(of('tabbify_app_cpu_seconds_total')).toBe(2.5);
  expect(of('tabbify_app_restarts_total')).toBe(1);
  expect(of('tabbify_app_fuel_total')).toBe(42);
  expect(of('tabbify_app_latency_seconds_bucket', ',le="0.001"')).toBe(1);
  expect(of('tabbify_app_latency_seconds_bucket', ',le="+Inf"')).toBe(buckets.length + 1);
  expect(of('tabbify_app_latency_seconds_sum')).toBe(1.5);
  expect(samples.get('tabbify_apps_left_out')).toBe(2);
  expect(samples.get('tabbify_apps{office="o",state="running"}')).toBe(1_002);
  expect([...samples.keys()].some((name) => name.includes('tabbify_log') || name.includes('edge'))).toBe(
    false,
  );
});
