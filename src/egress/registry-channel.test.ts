import { mkdtemp, rm } from 'node:fs/promises';
import {
  createServer as createHttp,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { serveChannel } from './channel-server.ts';
import { openRegistryChannel, type RegistrySettings } from './registry-channel.ts';
import { openCanary } from './testing/canary.ts';
import { CERTIFICATE, CERTIFICATE_KEY } from './testing/certificate.ts';

interface Registry extends AsyncDisposable {
  readonly port: number;
  /** What it was asked: method, path and fields. */
  readonly asked: { readonly line: string; readonly headers: IncomingHttpHeaders }[];
}

async function openRegistry(isTls: boolean): Promise<Registry> {
  const asked: Registry['asked'] = [];
  const listener: RequestListener = ({ method, url, headers }, response) => {
    asked.push({ line: `${method} ${url}`, headers });
    response.setHeader('x-registry', 'yes');
    response.end(`answer to ${url}`);
  };
  const server = isTls
    ? createHttps({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, listener)
    : createHttp(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Box extends AsyncDisposable {
  readonly url: string;
  readonly said: string[];
  /** Asks as npm in a box does: through the proxy, in absolute form. */
  ask(
    path: string,
    options?: { method?: string; headers?: Record<string, string> },
  ): Promise<[number, string]>;
}

async function openBox(registry: string, more: Partial<RegistrySettings> = {}): Promise<Box> {
  const said: string[] = [];
  const { channel, url } = openRegistryChannel({
    registry,
    authorization: 'Bearer CANARY',
    ca: CERTIFICATE,
    say: (line) => said.push(line),
    resolve: async () => ['127.0.0.1'],
    ...more,
  });
  const folder = await mkdtemp(join(tmpdir(), 'registry-'));
  const server = await serveChannel(channel, join(folder, 'channel.sock'));
  return {
    url,
    said,
    async ask(path, { method = 'GET', headers = {} } = {}) {
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const target = path.includes('://') ? path : new URL(path, url).href;
        httpRequest({ socketPath: server.path, path: target, method, headers, agent: false })
          .on('response', resolve)
          .on('error', reject)
          .end();
      });
      return [answer.statusCode ?? 0, await text(answer)];
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

test('inside it is plain HTTP without a credential, outside TLS with the office’s certificates and credential', async () => {
  await using registry = await openRegistry(true);
  await using box = await openBox(`https://registry.example:${registry.port}/npm/`);
  expect(box.url).toBe(`http://registry.example:${registry.port}/npm/`);
  const headers = { authorization: 'Bearer of-the-app', cookie: 'a=b', 'npm-command': 'ci' };
  expect(await box.ask('left-words?a=b', { headers })).toEqual([200, 'answer to /npm/left-words?a=b']);
  expect(registry.asked).toEqual([
    {
      line: 'GET /npm/left-words?a=b',
      headers: expect.objectContaining({
        host: `registry.example:${registry.port}`,
        authorization: 'Bearer CANARY',
        'npm-command': 'ci',
      }),
    },
  ]);
  expect(registry.asked[0]?.headers.cookie).toBeUndefined();
});

test('a registry of https at its usual port is one of http at its usual port inside, and no tunnel leads to the real one', async () => {
  const resolved: string[] = [];
  const { url, channel } = openRegistryChannel({
    registry: 'https://registry.example/npm/',
    authorization: null,
    ca: null,
    say: () => {},
    async resolve(name) {
      resolved.push(name);
      return [];
    },
  });
  expect(url).toBe('http://registry.example/npm/');
  await expect(channel.dial({ host: 'registry.example', port: 443 })).rejects.toMatchObject({
    code: 'egress_denied',
  });
  expect(resolved).toEqual([]);
});

test('the credential stays with the registry’s own path, however it is written', async () => {
  await using registry = await openRegistry(false);
  await using box = await openBox(`http://registry.example:${registry.port}/npm/`);
  const { host, origin } = new URL(box.url);
  const paths = [
    '/other/left-words',
    '/npm/../other/',
    '/npm/%2e%2e/other/',
    '//npm/',
    '/npm',
    '/npm/in/./it',
  ];
  for (const path of paths) await box.ask(`${origin}${path}`);
  expect(host).toBe(`registry.example:${registry.port}`);
  expect(registry.asked.map(({ line, headers }) => [line, headers.authorization])).toEqual([
    ['GET /other/left-words', undefined],
    ['GET /other/', undefined],
    ['GET /other/', undefined],
    ['GET //npm/', undefined],
    ['GET /npm', undefined],
    ['GET /npm/in/it', 'Bearer CANARY'],
  ]);
});

test('nothing else is reached: no other host, no other port, no tunnel to the registry, no other method', async () => {
  await using registry = await openRegistry(false);
  await using canary = await openCanary();
  await using box = await openBox(`http://registry.example:${registry.port}/`);
  expect((await box.ask(`http://127.0.0.1:${canary.port}/`))[0]).toBe(403);
  expect((await box.ask(`http://registry.example:${canary.port}/`))[0]).toBe(403);
  for (const method of ['POST', 'PUT', 'DELETE'])
    expect((await box.ask('left-words', { method }))[0]).toBe(403);
  expect([registry.asked, canary.connections]).toEqual([[], 0]);
  const nothingElse = 'denied; the package registry of the office is reached, and nothing else';
  expect(box.said).toEqual([
    `outgoing connection to "127.0.0.1:${canary.port}" ${nothingElse}`,
    `outgoing connection to "registry.example:${canary.port}" ${nothingElse}`,
  ]);
});

test('a registry whose certificate nobody vouches for, or that is away, is a 502', async () => {
  await using registry = await openRegistry(true);
  await using box = await openBox(`https://registry.example:${registry.port}/`, { ca: null });
  const [status, body] = await box.ask('left-words');
  expect([status, JSON.parse(body)]).toEqual([502, expect.objectContaining({ code: 'egress_unreachable' })]);
  expect(body).toContain('certificate');
  expect(registry.asked).toEqual([]);
  const gone = await openRegistry(false);
  await gone[Symbol.asyncDispose]();
  await using other = await openBox(`http://registry.example:${gone.port}/`);
  expect((await other.ask('left-words'))[0]).toBe(502);
});
