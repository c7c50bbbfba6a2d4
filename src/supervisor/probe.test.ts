import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { httpEndpoint } from '../kit/index.ts';
import { isHealthy } from './health.ts';
import { probe } from './probe.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Probes an app that gives these answers one after the other, the last one for ever. */
async function probeOf(answers: readonly number[], path: string, mustBeHealthy: boolean, timeoutMs = 400) {
  let asked = 0;
  server = createServer((_, response) => {
    const status = answers[Math.min(asked++, answers.length - 1)] ?? 200;
    response.writeHead(status).end('so');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpoint = httpEndpoint('127.0.0.1', port);
  const { signal } = new AbortController();
  const why = await probe({ endpoint, runnerKey: 'key', path, mustBeHealthy, timeoutMs, signal });
  return { why, asked: () => asked };
}

describe('a new version', () => {
  it.each([
    ['/', [200, 204, 302, 401, 404, 429], [500, 502, 503]],
    ['/ready', [200, 204, 302], [401, 404, 429, 500, 503]],
  ] as const)('asked for %s', (path, good, bad) => {
    expect(good.filter((status) => !isHealthy(path, status))).toEqual([]);
    expect(bad.filter((status) => isHealthy(path, status))).toEqual([]);
  });

  it('has its time to get healthy', async () => {
    const { why, asked } = await probeOf([503, 500, 404], '/', true, 20_000);
    expect([why, asked()]).toEqual([null, 3]);
  });

  it('is refused with its last answer when it does not', async () => {
    const { why } = await probeOf([500], '/', true);
    expect(why).toBe('not healthy on / within 0.4 s (it answered 500)');
  });
});

describe('a version that was accepted, where nothing else serves', () => {
  it('serves whatever its front page answers', async () => {
    const { why, asked } = await probeOf([500], '/', false);
    expect([why, asked()]).toEqual([null, 1]);
  });

  it('has its time where it has named a path, and serves then all the same', async () => {
    const { why, asked } = await probeOf([503], '/ready', false);
    expect(why).toBeNull();
    expect(asked()).toBeGreaterThan(1);
  });
});
