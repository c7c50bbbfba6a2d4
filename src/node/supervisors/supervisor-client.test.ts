import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../kit/index.ts';
import { createPresences, type Presences } from './presences.ts';
import { createSupervisorClient, type SupervisorClient } from './supervisor-client.ts';

let said: unknown;
let server: Server;
let client: SupervisorClient;
let presences: Presences;
beforeEach(async () => {
  server = createServer((_request, response) => response.end(JSON.stringify(said)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  presences = createPresences(systemClock);
  presences.announce('local', { url: `http://127.0.0.1:${port}`, tags: [], control_key: 'k'.repeat(32) });
  client = createSupervisorClient(presences);
});
afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  server.close();
});

const rest = { runner_key: 'key', generation: 3, version: 2 };

test.each([
  ['a port', { endpoint: 'http://127.0.0.1:41234' }, 'http://127.0.0.1:41234'],
  ['a unix socket', { endpoint: 'unix:/run/app.sock' }, 'unix:/run/app.sock'],
  ['host and port, as the version before does', { host: '127.0.0.1', port: 41234 }, 'http://127.0.0.1:41234'],
  ['host and port of IPv6', { host: 'fd5a::1', port: 8730 }, 'http://[fd5a::1]:8730'],
])('a supervisor may say of a woken app that it answers at %s', async (_, place, endpoint) => {
  said = { ...place, ...rest };
  expect(await client.wake('local', 'app')).toEqual({ endpoint, ...rest });
});

test.each([
  ['nothing', {}],
  ['half of a place', { host: '127.0.0.1' }],
  ['what is none', { endpoint: '127.0.0.1:41234' }],
])('of one that says %s it is told that it did not say where', async (_, place) => {
  said = { ...place, ...rest };
  await expect(client.wake('local', 'app')).rejects.toMatchObject({
    code: 'supervisor_away',
    message: expect.stringContaining('did not say where the app answers'),
  });
});

test('one that has ended is forgotten by the first who asks, one that is busy is not', async () => {
  said = { status: 'ok' };
  await client.look('local');
  expect(presences.of('local')).toBeDefined();
  server.removeAllListeners('request').on('request', (_request, response) => response.writeHead(503).end());
  await client.look('local');
  expect(presences.of('local')).toBeDefined();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect
    .poll(
      async () => {
        await client.look('local'); // a kept connection breaks first
        return presences.of('local');
      },
      { timeout: 10_000 },
    )
    .toBeUndefined();
});

test('one that came back at another address is not forgotten for its former one', async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  const looked = client.look('local');
  presences.announce('local', { url: 'http://127.0.0.1:1', tags: [], control_key: 'n'.repeat(32) });
  await looked;
  expect(presences.of('local')?.control_key).toBe('n'.repeat(32));
});
