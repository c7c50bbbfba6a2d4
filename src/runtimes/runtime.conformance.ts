import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Runtime } from './runtime.ts';
import { openRequest, type ServedApp, serveApp, until } from './testing/served-app.ts';

/**
 * An app made for one runtime, with these routes: `/` any text with 200 · `/echo` the body, as it arrives · `/bytes/N` N bytes ·
 * `/env` the environment as `NAME=value` lines · `/log` the lines `one`, `two`, `three` to stdout and `oops` to stderr ·
 * `/sleep/MS` answers after that time · `/events` text every 50 ms for as long as somebody listens.
 */
export interface RuntimeFixture extends AsyncDisposable {
  readonly runtime: Runtime;
  readonly artifactDir: string;
  /** Requests that hit a bound, and what their answer has to name. */
  readonly bounds: readonly { readonly path: string; readonly names: readonly string[] }[];
}

/** What every `Runtime` must do, run against one implementation behind a real HTTP server. */
export function runtimeConformance(name: string, open: () => Promise<RuntimeFixture>): void {
  describe(`${name} as a runtime`, () => {
    let fixture: RuntimeFixture;
    let served: ServedApp;
    beforeAll(async () => {
      fixture = await open();
      served = await serveApp(fixture.runtime, {
        artifactDir: fixture.artifactDir,
        env: { GREETING: 'hëllo' },
      });
    });
    afterAll(async () => {
      await served?.[Symbol.asyncDispose]();
      await fixture?.[Symbol.asyncDispose]();
    });

    test('answers requests, many at once', async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => fetch(`${served.url}/`)));
      expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    });

    test('gives the app its own environment and nothing of the host', async () => {
      process.env.HOST_SECRET_CANARY = 'canary';
      const environment = await (await fetch(`${served.url}/env`)).text();
      delete process.env.HOST_SECRET_CANARY;
      expect(environment.split('\n').filter((line) => line !== '')).toEqual(['GREETING=hëllo']);
    });

    test('passes on a body chunk by chunk, both ways at once', async () => {
      const request = openRequest(served.port, '/echo', 'POST');
      request.write('first');
      const answer = await request.answer;
      const read = answer.iterator() as AsyncIterator<Buffer>;
      expect(String((await read.next()).value)).toBe('first');
      request.write('second');
      expect(String((await read.next()).value)).toBe('second');
      request.end();
      expect((await read.next()).done).toBe(true);
    });

    test('carries large bodies unchanged', async () => {
      const body = Buffer.alloc(3_000_001, 'abcdefg');
      const answer = await fetch(`${served.url}/echo`, { method: 'POST', body });
      expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
      expect((await (await fetch(`${served.url}/bytes/1000000`)).arrayBuffer()).byteLength).toBe(1_000_000);
    });

    test('lets other requests through while one waits', async () => {
      const slow = fetch(`${served.url}/sleep/2000`);
      const began = performance.now();
      expect((await fetch(`${served.url}/`)).status).toBe(200);
      expect(performance.now() - began).toBeLessThan(1500);
      await slow;
    });

    test('hands the output of the app over line by line', async () => {
      await (await fetch(`${served.url}/log`)).text();
      await until('all lines', () =>
        ['one', 'two', 'three'].every((line) => served.logged.includes(`stdout: ${line}`)),
      );
      expect(served.logged).toContain('stderr: oops');
    });

    test('names the bound a request has hit, and serves on', async () => {
      for (const { path, names } of fixture.bounds) {
        const answer = await fetch(served.url + path);
        const problem = await answer.text();
        expect(answer.status).toBe(500);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        for (const part of names) expect(problem).toContain(part);
        expect((await fetch(`${served.url}/`)).status).toBe(200);
      }
    });

    test('keeps figures', async () => {
      const before = served.app.stats().requests ?? 0;
      await (await fetch(`${served.url}/`)).text();
      expect(served.app.stats().requests).toBe(before + 1);
    });

    test('lets running requests finish when it stops, refuses new ones, and ends what does not finish', async () => {
      await using own = await serveApp(fixture.runtime, { artifactDir: fixture.artifactDir });
      const finishing = openRequest(own.port, '/sleep/100');
      const lasting = await openRequest(own.port, '/events').answer;
      await until('both at work', () => own.app.stats().requests === 2);
      const stopped = own.app.stop(500);
      expect((await fetch(`${own.url}/`)).status).toBe(503);
      expect((await finishing.answer).statusCode).toBe(200);
      await stopped;
      await expect(text(lasting)).rejects.toThrow();
    });
  });
}
