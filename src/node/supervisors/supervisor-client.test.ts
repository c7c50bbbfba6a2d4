import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../kit/index.ts';
import { createPresences } from './presences.ts';
import { createSupervisorClient, type SupervisorClient } from './supervisor-client.ts';

let said: unknown;
let server: Server;
let client: SupervisorClient;
beforeEach(async () => {
  server = createServer((_request, response) => response.end(JSON.stringify(said)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const presences = createPresences(systemClock);
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
