import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Limit } from '../runtime.ts';
import { channelCases } from './channel-cases.ts';
import { DEADLINE_MS, get, type RuntimeCase, soon } from './runtime-case.ts';
import type { RuntimeFixture } from './runtime-fixture.ts';
import { secretFileCases } from './secret-file-cases.ts';
import { openRequest, type ServedApp, serveApp, serveSwappable, until } from './served-app.ts';

/** Runs a check against an app of its own, with `GREETING` in its environment. */
function withApp(
  behaviour: string,
  run: (served: ServedApp, fixture: RuntimeFixture) => Promise<void>,
): RuntimeCase {
  return {
    behaviour,
    async check(fixture) {
      const { runtime, artifactDir } = fixture;
      const served = await soon('the start', serveApp(runtime, { artifactDir, env: { GREETING: 'hëllo' } }));
      try {
        await soon(behaviour, run(served, fixture));
      } finally {
        served.closeServer();
        await soon('the purge', served.app.purge());
      }
    },
  };
}

/** The suite: each entry becomes a test of every runtime (`runtimeConformance`). */
export const runtimeCases: readonly RuntimeCase[] = [
  withApp('answers requests, many at once', async (served) => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => get(served, '/')));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
  }),

  withApp('gives the app its own environment and nothing of the host', async (served) => {
    process.env.HOST_SECRET_CANARY = 'canary';
    const environment = await (await get(served, '/env')).text();
    delete process.env.HOST_SECRET_CANARY;
    expect(environment.split('\n').filter((line) => line !== '')).toEqual(['GREETING=hëllo']);
  }),

  withApp('passes on a body chunk by chunk, both ways at once', async (served) => {
    const request = openRequest(served.port, '/echo', 'POST');
    request.write('first');
    const answer = await request.answer;
    const read = answer.iterator() as AsyncIterator<Buffer>;
    expect(String((await read.next()).value)).toBe('first');
    request.write('second');
    expect(String((await read.next()).value)).toBe('second');
    request.end();
    expect((await read.next()).done).toBe(true);
  }),

  withApp('carries large bodies unchanged', async (served) => {
    const body = Buffer.alloc(3_000_001, 'abcdefg');
    const answer = await fetch(`${served.url}/echo`, { method: 'POST', body });
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
    expect((await (await get(served, '/bytes/1000000')).arrayBuffer()).byteLength).toBe(1_000_000);
  }),

  withApp('lets other requests through while one waits', async (served) => {
    const slow = get(served, '/sleep/2000');
    slow.catch(() => {}); // waited for below
    const began = performance.now();
    expect((await get(served, '/')).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(1500);
    await slow;
  }),

  withApp('hands the output of the app over line by line', async (served) => {
    await (await get(served, '/log')).text();
    await until(
      'all lines',
      () =>
        ['stdout: one', 'stdout: two', 'stdout: three', 'stderr: oops'].every((line) =>
          served.logged.includes(line),
        ),
      DEADLINE_MS,
    );
  }),

  withApp(
    'holds the limits it calls enforced: names the bound a request has hit, and serves on',
    async (served, fixture) => {
      const enforced = Object.entries(fixture.runtime.limits).filter(([, how]) => how === 'enforced');
      const shown = new Set(fixture.bounds.map(({ limit }) => limit));
      expect(enforced.map(([limit]) => limit as Limit).filter((limit) => !shown.has(limit))).toEqual([]);
      for (const { path, names } of fixture.bounds) {
        const answer = await get(served, path);
        const problem = await answer.text();
        expect(answer.status).toBe(500);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        for (const part of names) expect(problem).toContain(part);
        expect((await get(served, '/')).status).toBe(200);
      }
    },
  ),

  withApp('keeps figures', async (served) => {
    const before = served.app.stats().requests ?? 0;
    const lasting = await openRequest(served.port, '/events').answer;
    expect(served.app.stats()).toMatchObject({ requests: before + 1, in_flight: 1 });
    lasting.destroy();
    await until('the request to end', () => served.app.stats().in_flight === 0, DEADLINE_MS);
  }),

  withApp('tells how much fuel its requests have used, where it bounds that', async (served, fixture) => {
    if (fixture.runtime.limits.fuel === 'unsupported') return;
    const used = () => served.app.stats().fuel_used ?? Number.NaN;
    let before = 0;
    for (const path of ['/', '/bytes/1000', ...fixture.bounds.map((bound) => bound.path), '/']) {
      await (await get(served, path)).text();
      await until('the request to end', () => served.app.stats().in_flight === 0, DEADLINE_MS);
      await until('its fuel', () => used() > before, DEADLINE_MS); // figures may be a moment old
      before = used();
    }
    const lasting = await openRequest(served.port, '/events').answer;
    await until('the fuel of what is under way', () => used() > before, DEADLINE_MS);
    lasting.destroy();
  }),

  withApp(
    'says how it does: well while it serves, and why not once it has stopped',
    async ({ app, port, ...served }) => {
      const ask = () => app.health(AbortSignal.timeout(DEADLINE_MS));
      const well = { ok: true, reason: null };
      expect(await ask()).toEqual(well);
      await Promise.all([get(served, '/'), get(served, '/')]);
      const lasting = await openRequest(port, '/events').answer;
      expect(await ask()).toEqual(well);
      await app.health(AbortSignal.abort());
      lasting.destroy();
      await app.stop(0);
      expect(await ask()).toEqual({ ok: false, reason: expect.stringMatching(/./) });
    },
  ),

  withApp(
    'lets running requests finish when it stops, refuses new ones, and ends what does not finish',
    async (served) => {
      let isToldAsExit = false;
      void served.app.exited.then(() => {
        isToldAsExit = true;
      });
      const lasting = await openRequest(served.port, '/events').answer;
      const finishing = openRequest(served.port, '/sleep/200');
      await until('both at work', () => served.app.stats().in_flight === 2, DEADLINE_MS);
      const stopped = served.app.stop(1_000);
      expect((await get(served, '/')).status).toBe(503);
      expect((await finishing.answer).statusCode).toBe(200);
      await stopped;
      await expect(text(lasting)).rejects.toThrow();
      expect(isToldAsExit).toBe(false);
    },
  ),

  withApp('tells once, and why, when the app ends by itself', async (served, { exitPath }) => {
    let told: unknown = null;
    void served.app.exited.then((exit) => {
      told = exit;
    });
    expect((await get(served, '/')).status).toBe(200);
    expect(told).toBe(null);
    if (exitPath === null) return;
    await get(served, exitPath).catch(() => {});
    expect(await served.app.exited).toMatchObject({ code: 3, reason: expect.stringContaining('3') });
    expect((await served.app.health(AbortSignal.timeout(DEADLINE_MS))).ok).toBe(false);
    await served.app.stop(0); // of what has gone there is nothing to wait for
  }),

  withApp(
    'swaps: two apps serve beside each other, and the first stops without a failed request',
    async (first, fixture) => {
      const { runtime, artifactDir } = fixture;
      const front = await serveSwappable(first.app);
      const statuses: number[] = [];
      let isOver = false;
      const visits = async (): Promise<void> => {
        while (!isOver) {
          const answer = await get(front, '/sleep/20').catch(() => null);
          statuses.push(answer?.status ?? 0);
        }
      };
      const visitors = [visits(), visits(), visits()];
      const second = await serveApp(runtime, { artifactDir });
      try {
        expect((await get(first, '/')).status).toBe(200);
        expect((await get(second, '/')).status).toBe(200);
        const before = statuses.length;
        await until('a visitor at the first', () => (first.app.stats().in_flight ?? 0) > 0, DEADLINE_MS);
        front.swap(second.app);
        await first.app.stop(1_000);
        await until('requests of both', () => statuses.length >= before + 10, DEADLINE_MS);
      } finally {
        isOver = true;
        await Promise.all(visitors);
        front.close();
        second.closeServer();
        await second.app.purge();
      }
      expect(new Set(statuses)).toEqual(new Set([200]));
    },
  ),

  {
    behaviour: 'leaves nothing behind when it is purged',
    async check({ runtime, artifactDir, traces }) {
      const before = await traces();
      const served = await soon('the start', serveApp(runtime, { artifactDir }));
      expect((await get(served, '/')).status).toBe(200);
      served.closeServer();
      await soon('the purge', served.app.purge());
      expect(await traces()).toEqual(before);
    },
  },

  {
    behaviour: 'says what is wrong with an artifact that is not one, and leaves nothing of it behind',
    async check({ runtime, artifactDir, traces }) {
      const before = await traces();
      const start = serveApp(runtime, { artifactDir: `${artifactDir}/missing` });
      const code = await soon(
        'the refusal',
        start.then(
          () => 'started',
          (error) => (error as { code?: string }).code,
        ),
      );
      expect(code).toBe('artifact_invalid');
      expect(await traces()).toEqual(before);
    },
  },

  ...secretFileCases,
  ...channelCases,
];
