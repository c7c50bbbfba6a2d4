import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { serveChannel } from './channel-server.ts';
import type { Resolve } from './connect.ts';
import { grantedHosts } from './granted-hosts.ts';
import type { EgressLimits } from './limits.ts';
import { noAppApi } from './no-app-api.ts';
import { openChannel } from './open-channel.ts';
import { openCanary, until } from './testing/canary.ts';

function open(granted: readonly string[], limits: Partial<EgressLimits> = {}, resolve?: Resolve) {
  const clock = { time: 0, now: () => clock.time };
  const said: string[] = [];
  const denied: string[] = [];
  const policy = grantedHosts(granted);
  const channel = openChannel({
    policy,
    platform: noAppApi(),
    say: (line) => said.push(line),
    onDenied: (entry) => denied.push(entry),
    clock,
    limits,
    resolve: resolve ?? (async () => ['127.0.0.1']),
  });
  return { clock, said, denied, policy, channel };
}

const codeOf = (dial: Promise<Duplex>): Promise<string> =>
  dial.then(
    () => 'dialled',
    (error) => (error as { code: string }).code,
  );

test('a new grant counts for the next connection, and one that is taken back for none any more', async () => {
  await using canary = await openCanary();
  const entry = `127.0.0.1:${canary.port}`;
  const to = { host: '127.0.0.1', port: canary.port };
  const { policy, channel, denied } = open([]);
  expect(await codeOf(channel.dial(to))).toBe('egress_denied');
  policy.set([entry]);
  expect(await codeOf(channel.dial(to))).toBe('dialled');
  policy.set([]);
  expect(await codeOf(channel.dial(to))).toBe('egress_denied');
  expect([denied, canary.connections]).toEqual([[entry, entry], 1]);
});

test('what is taken back is broken off at both ends, and what is left goes on', async () => {
  await using canary = await openCanary();
  const { port } = canary;
  const literal = `127.0.0.1:${port}`;
  const { policy, channel, said } = open([`a.example:${port}`, `b.example:${port}`, literal]);
  const [a, b] = await Promise.all(['a.example', 'b.example'].map((host) => channel.dial({ host, port })));
  a?.write('a\n');
  b?.write('b\n');
  await until('both are heard', () => canary.heard.length === 4);
  policy.set([`b.example:${port}`, literal]);
  await until('one is broken off', () => a?.destroyed === true && canary.sockets.length === 1);
  expect(b?.destroyed).toBe(false);
  b?.write(' goes on');
  await until('it goes on', () => canary.heard.includes('goes on'));
  expect(said).toEqual([
    expect.stringMatching(`"a.example:${port}" was ended; what allowed it was taken back`),
  ]);
  policy.set([`b.example:${port}`]); // its address is no public one
  await until('the other is broken off', () => b?.destroyed === true && canary.sockets.length === 0);
});

test('a grant that has become narrower ends what may have gone beyond it; a wider one ends nothing', async () => {
  await using canary = await openCanary();
  const { port } = canary;
  const { policy, channel } = open([`127.0.0.1:${port}`]);
  const stream = await channel.dial({ host: '127.0.0.1', port });
  policy.set([`127.0.0.1:${port}`, 'more.example']);
  expect(stream.destroyed).toBe(false);
  policy.set([`https://127.0.0.1:${port}`]);
  expect(stream.destroyed).toBe(true);
});

test('a tunnel at the socket ends as well', async () => {
  await using canary = await openCanary();
  const { policy, channel } = open([`127.0.0.1:${canary.port}`]);
  const folder = await mkdtemp(join(tmpdir(), 'live-'));
  const server = await serveChannel(channel, join(folder, 's'));
  const socket = connect(server.path).on('error', () => {});
  socket.write(`CONNECT 127.0.0.1:${canary.port} HTTP/1.1\r\n\r\n`);
  await once(socket, 'data');
  policy.set([]);
  await once(socket.resume(), 'close');
  await until('the canary is left', () => canary.sockets.length === 0);
  await server.close();
  await rm(folder, { recursive: true });
});

test('a grant that is taken back while a name is looked up leads nowhere', async () => {
  await using canary = await openCanary();
  const { port } = canary;
  const asked = Promise.withResolvers<readonly string[]>();
  const { policy, channel } = open([`a.example:${port}`, `127.0.0.1:${port}`], {}, () => asked.promise);
  const dialled = codeOf(channel.dial({ host: 'a.example', port }));
  policy.set([]);
  asked.resolve(['127.0.0.1']);
  expect([await dialled, canary.heard]).toEqual(['egress_denied', '']);
});

test('an app makes so many connections per second and no more; requests to the platform do not count', async () => {
  await using canary = await openCanary();
  const to = { host: '127.0.0.1', port: canary.port };
  const { clock, channel } = open([`127.0.0.1:${canary.port}`], { dialBurst: 2, dialsPerSecond: 1 });
  for (let turn = 0; turn < 3; turn++) await channel.dial({ host: 'tabbify.internal', port: 80 });
  expect(await Promise.all([1, 2, 3].map(() => codeOf(channel.dial(to))))).toEqual([
    'dialled',
    'dialled',
    'egress_rate_limited',
  ]);
  clock.time = 1_000;
  expect(await codeOf(channel.dial(to))).toBe('dialled');
});

test('a connection over which nothing goes is broken off after its time', async () => {
  await using canary = await openCanary();
  const { channel } = open([`127.0.0.1:${canary.port}`], { idleMs: 50 });
  const stream = await channel.dial({ host: '127.0.0.1', port: canary.port });
  await once(stream.resume(), 'close');
  await until('the canary is left', () => canary.sockets.length === 0);
});
