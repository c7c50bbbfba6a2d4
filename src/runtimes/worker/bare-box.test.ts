import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBareBox } from '../boxed/testing/bare-box.ts';
import type { Runtime } from '../runtime.ts';
import { serveApp } from '../testing/served-app.ts';
import { createWorker } from './create-worker.ts';
import { FIXTURE_APP } from './testing/fixture-app.ts';
import { type WorkerPlace, workerPlace } from './testing/worker-place.ts';

let home: WorkerPlace;
beforeAll(async () => {
  home = await workerPlace();
});
afterAll(() => home?.[Symbol.asyncDispose]());

test('the watchdog holds where nothing else does: for a plain process, which the kernel bounds in nothing', async () => {
  const runtime: Runtime = {
    kind: 'worker',
    isolation: 'process',
    limits: { memory: 'unsupported', fuel: 'unsupported', cpu: 'unsupported' },
    ...createWorker({ openBox: openBareBox, cpu: { turnMs: 300, minuteMs: 60_000 } }),
  };
  const artifactDir = await home.artifactOf(FIXTURE_APP);
  await using served = await serveApp(runtime, { artifactDir, place: home.place, memoryMb: 128 });
  expect(await (await fetch(served.url)).text()).toBe('hello');
  const spin = await fetch(`${served.url}/spin`);
  expect(spin.status).toBe(500);
  expect(await spin.text()).toContain('300 ms of CPU');
  expect(await (await fetch(served.url)).text()).toBe('hello');
});
