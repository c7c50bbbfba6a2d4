import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startElsewhere } from './test-support/elsewhere.ts';
import { newApp, primaryRecord } from './test-support/host.ts';
import { tinyHost } from './test-support/tiny-host.ts';
import { until } from './test-support/until.ts';

const host = tinyHost('file');

it('what a supervisor observed before it was killed is told by the next one, exactly once', async () => {
  const app = newApp();
  host.node.assign(host.assignment(app, 1));
  const elsewhere = await startElsewhere(host);
  try {
    expect((await elsewhere.wake(app))?.status).toBe(200);
    const typesOf = () => host.node.events.map((event) => event.type);
    await until('its start', () => typesOf().includes('app_started'));
    host.node.setAway(true);
    process.kill(primaryRecord(host.home, app)!.pid, 'SIGKILL');
    const outbox = join(host.home, 'supervisor', 'test', 'outbox', 'observations.jsonl');
    await until('the observation', () => readFileSync(outbox, 'utf8').includes('app_restart_changed'));
    await elsewhere.kill();
    expect(typesOf()).not.toContain('app_crashed');
    host.node.setAway(false);
    const next = await host.start();
    await until('the word of it', () => typesOf().includes('app_restart_changed'));
    await next.close();
    const told = ['assignment_applied', 'app_started', 'app_crashed', 'app_restart_changed'];
    expect(typesOf()).toEqual(told);
    await (await host.start()).close();
    expect(typesOf()).toEqual(told);
  } finally {
    await elsewhere.kill();
  }
}, 30_000);
