import { beforeAll, describe, expect, it } from 'vitest';
import type { Assignment } from './protocol.ts';
import type { Supervisor } from './supervisor.ts';
import { newApp, runnerPids } from './test-support/host.ts';
import { tinyHost } from './test-support/tiny-host.ts';
import { until } from './test-support/until.ts';

const [served, hung] = [newApp(), newApp()];
const host = tinyHost('file');
let supervisor: Supervisor;
beforeAll(async () => {
  const { settings } = host.assignment(hung, 1);
  const endless: Assignment['settings'] = {
    ...settings,
    health_path: '/loop',
    fuel_per_request: 1e15,
    health_timeout_sec: 4, // also the start has to come to its end within it, on a busy machine as well
  };
  host.node.assign(host.assignment(served, 1), host.assignment(hung, 1, { settings: endless }));
  supervisor = await host.start();
  await until('both apps', () => host.node.events.length === 2);
});

describe('the API for the node', () => {
  it('says to anybody that it is there, and nothing else', async () => {
    const health = await fetch(`${supervisor.url}/health`);
    expect(await health.json()).toEqual({ status: 'ok', supervisor: 'test' });
    const { control_key } = host.node.presence()!;
    for (const authorization of [undefined, 'Bearer x', `Bearer ${control_key}x`, `Basic ${control_key}`]) {
      for (const [method, path] of [
        ['GET', '/v1/apps'],
        ['POST', `/v1/apps/${served}/wake`],
        ['POST', `/v1/apps/${served}/stop`],
        ['GET', `/v1/apps/${served}/logs`],
      ]) {
        const headers = authorization === undefined ? {} : { authorization };
        const reply = await fetch(`${supervisor.url}${path}`, { method: method!, headers });
        expect(reply.status).toBe(401);
        expect(reply.headers.get('content-type')).toBe('application/problem+json');
      }
    }
    expect(runnerPids(host.home)).toEqual([]);
  });

  it('answers 404 for an app that is not placed here and for paths it does not know', async () => {
    const unknown = await host.call(supervisor, 'POST', `/v1/apps/${newApp()}/wake`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ code: 'app_not_assigned', hint: expect.any(String) });
    expect((await host.call(supervisor, 'GET', '/v1/other')).status).toBe(404);
    expect((await host.call(supervisor, 'POST', '/v1/apps/..%2f..%2fetc/wake')).status).toBe(404);
  });

  it('says why an app does not start, what it said last and when to ask again, and does not spawn per request', async () => {
    const first = await host.call(supervisor, 'POST', `/v1/apps/${hung}/wake`);
    expect(first.status).toBe(503);
    expect(first.headers.get('content-type')).toBe('application/problem+json');
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(0);
    const problem = await first.json();
    expect(problem).toMatchObject({
      code: 'start_failed',
      detail: expect.stringContaining('no HTTP answer on /loop within 4 s'),
      log_tail: expect.arrayContaining([expect.stringContaining('serves')]),
    });
    const again = await Promise.all(
      [1, 2, 3].map(() => host.call(supervisor, 'POST', `/v1/apps/${hung}/wake`)),
    );
    expect(again.map((reply) => reply.status)).toEqual([503, 503, 503]);
    expect(runnerPids(host.home)).toEqual([]);
    const told = () => host.node.events.filter((event) => event.subject === `app/${hung}`).map((e) => e.type);
    await until('the last word', () => told().includes('app_restart_changed'));
    expect(told()).toEqual(['assignment_applied', 'app_crashed', 'app_restart_changed']);
  });

  it('lists the apps of this host with their state', async () => {
    await host.wake(supervisor, served);
    const { apps } = (await (await host.call(supervisor, 'GET', '/v1/apps')).json()) as {
      apps: { app: string; state: string; pid: number | null }[];
    };
    expect(apps.find((each) => each.app === served)).toMatchObject({
      state: 'running',
      generation: 1,
      adopted: false,
    });
    expect(apps.find((each) => each.app === hung)).toMatchObject({ state: 'failed', pid: null });
  });

  it('gives the last lines of a log, and goes on while somebody follows', async () => {
    await host.wake(supervisor, served);
    const tail = await host.call(supervisor, 'GET', `/v1/apps/${served}/logs?lines=1`);
    expect(await tail.text()).toMatch(/^\d{4}-\S+Z platform version 1 serves .*\n$/);
    const following = await host.call(supervisor, 'GET', `/v1/apps/${served}/logs?lines=0&follow=1`);
    const reader = following.body!.pipeThrough(new TextDecoderStream()).getReader();
    await host.call(supervisor, 'POST', `/v1/apps/${served}/stop`);
    const { value } = await reader.read();
    expect(value).toMatch(/platform stopping: asked to\n/);
    await reader.cancel();
  });
});
