import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startCollector } from '../fixtures/collector/index.ts';
import { get } from './get.ts';
import { TestOffice } from './office.ts';
import { ROOT } from './process.ts';

const KEY = 'canary-key-of-the-collector';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

it('one trace leads from the visitor into the runner, which has nothing of the collector’s', async () => {
  await using collector = await startCollector();
  await using office = await TestOffice.create('up');
  office.extraEnv = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-key=${KEY}`,
    OTEL_SERVICE_NAME: 'my-office',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  };
  await office.open();
  const folder = join(office.directory, 'tiny');
  await cp(join(ROOT, 'examples/tiny'), folder, { recursive: true });
  const pushed = await office.tcli('push', folder, '--json', '--approve');
  expect(pushed.code, pushed.stderr).toBe(0);
  const { uuid, path_url: url } = JSON.parse(pushed.stdout) as { uuid: string; path_url: string };

  const { status } = await get(url, { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` });
  expect(status).toBe(200);

  for (const { pid } of await office.runners()) {
    const seen = await Promise.all(
      ['environ', 'cmdline'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8')),
    );
    expect(seen.join()).not.toMatch(new RegExp(`${KEY}|OTEL_`));
  }

  await expect
    .poll(() => collector.spans.filter(({ traceId }) => traceId === TRACE).length, { timeout: 30_000 })
    .toBeGreaterThanOrEqual(3);
  const spans = collector.spans.filter(({ traceId }) => traceId === TRACE);
  const server = spans.find(({ parentSpanId }) => parentSpanId === '00f067aa0ba902b7');
  const client = spans.find(({ kind }) => kind === 3);
  const runner = spans.find(({ scope }) => scope === 'tabbify.runner');
  expect(client?.parentSpanId).toBe(server?.spanId);
  expect(runner?.parentSpanId).toBe(client?.spanId);
  const [record] = await office.runners();
  expect(runner?.attributes).toMatchObject({
    'process.pid': record?.pid,
    'tabbify.app.id': uuid,
    'tabbify.app.version': 1,
  });
  expect(server?.resource).toMatchObject({
    'service.name': 'my-office',
    'deployment.environment.name': 'test',
  });
  expect(collector.deliveries.every((headers) => headers['x-key'] === KEY)).toBe(true);
});
