import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { type AllowedHost, allowedHosts } from './allowed-host.ts';
import type { AppChannel } from './channel.ts';
import type { Resolve } from './connect.ts';
import { noAppApi } from './no-app-api.ts';
import { type ChannelOptions, openChannel } from './open-channel.ts';
import { openCanary, until } from './testing/canary.ts';

interface Opened {
  readonly channel: AppChannel;
  readonly said: string[];
  /** Names that were looked up. */
  readonly resolved: string[];
}

function open(
  hosts: readonly AllowedHost[],
  addresses: Readonly<Record<string, readonly string[]>> = {},
  more: Partial<ChannelOptions> = {},
): Opened {
  const said: string[] = [];
  const resolved: string[] = [];
  const resolve: Resolve = async (name) => {
    resolved.push(name);
    const found = addresses[name] ?? (/^[0-9.]+$|:/.test(name) ? [name] : undefined);
    if (found === undefined) throw new Error(`no address for ${name}`);
    return found;
  };
  const channel = openChannel({
    policy: allowedHosts(hosts),
    platform: noAppApi(),
    say: (line) => said.push(line),
    clock: { now: () => 0 },
    resolve,
    ...more,
  });
  return { channel, said, resolved };
}

const codeOf = (dial: Promise<Duplex>): Promise<string> =>
  dial.then(
    (stream) => {
      stream.destroy();
      return 'dialled';
    },
    (error) => (error as { code: string }).code,
  );

test('what the list names is reached, both ways; the end of the one direction is not the end of the other', async () => {
  await using canary = await openCanary((socket) => void socket.on('end', () => socket.end('heard you')));
  const { channel } = open([{ host: '127.0.0.1', port: canary.port }]);
  const stream = await channel.dial({ host: '127.0.0.1', port: canary.port });
  stream.end('hello');
  expect(await text(stream)).toBe('heard you');
  expect(canary.heard).toBe('hello');
});

test('everything else is denied, before its name is looked up: canaries hear nothing, the log has the line', async () => {
  await using canary = await openCanary();
  await using other = await openCanary();
  const { channel, said, resolved } = open([{ host: 'allowed.example', port: canary.port }]);
  for (const host of [
    '127.0.0.1',
    'localhost',
    'other.example',
    'allowed.example.org',
    'sub.allowed.example',
    '::1',
  ])
    expect([host, await codeOf(channel.dial({ host, port: canary.port }))]).toEqual([host, 'egress_denied']);
  expect(await codeOf(channel.dial({ host: 'allowed.example', port: other.port }))).toBe('egress_denied');
  expect(resolved).toEqual([]);
  expect([canary.connections, other.connections]).toEqual([0, 0]);
  expect(said).toContainEqual(
    expect.stringMatching(`http_allow_list = \\["other.example:${canary.port}"\\]$`),
  );
  await expect(channel.dial({ host: 'API.example.com.', port: 443 })).rejects.toMatchObject({
    code: 'egress_denied',
    status: 403,
    hint: expect.stringContaining('http_allow_list = ["api.example.com"]'),
  });
});

test('another spelling of a name or an address is the same place, for the list as for who asks', async () => {
  await using canary = await openCanary();
  const { port } = canary;
  const { channel } = open(
    [
      { host: 'Allowed.Example.', port, anyAddress: true },
      { host: '127.1', port },
    ],
    { 'allowed.example': ['127.0.0.1'] },
  );
  for (const host of ['ALLOWED.example', 'allowed.example.', '127.0.0.1', '2130706433', '0x7f.0.0.1'])
    expect([host, await codeOf(channel.dial({ host, port }))]).toEqual([host, 'dialled']);
});

test('a name that leads to a private address is denied, and nothing is connected; the log has the line for the address', async () => {
  await using canary = await openCanary();
  const { port } = canary;
  const { channel, said, resolved } = open([{ host: 'rebound.example', port }], {
    'rebound.example': ['127.0.0.1', '::1', '::ffff:127.0.0.1'],
  });
  expect(await codeOf(channel.dial({ host: 'rebound.example', port }))).toBe('egress_denied');
  expect(resolved).toEqual(['rebound.example']);
  expect(canary.connections).toBe(0);
  expect(said).toEqual([expect.stringContaining(`http_allow_list = ["127.0.0.1:${port}"]`)]);
});

test('… unless its entry says so, or the list names the address as well', async () => {
  await using canary = await openCanary();
  const { port } = canary;
  const addresses = { 'registry.example': ['127.0.0.1'] };
  const any = open([{ host: 'registry.example', port, anyAddress: true }], addresses);
  expect(await codeOf(any.channel.dial({ host: 'registry.example', port }))).toBe('dialled');
  const both = open(
    [
      { host: 'registry.example', port },
      { host: '127.0.0.1', port },
    ],
    addresses,
  );
  expect(await codeOf(both.channel.dial({ host: 'registry.example', port }))).toBe('dialled');
  const otherPort = open(
    [
      { host: 'registry.example', port },
      { host: '127.0.0.1', port: 1 },
    ],
    addresses,
  );
  expect(await codeOf(otherPort.channel.dial({ host: 'registry.example', port }))).toBe('egress_denied');
});

test('a name that leads outward and inward at once is denied as a whole, and is looked up once', async () => {
  await using canary = await openCanary();
  const { port } = canary;
  const { channel, resolved } = open(
    [
      { host: 'two.example', port },
      { host: '127.0.0.1', port },
    ],
    { 'two.example': ['127.0.0.1', '127.0.0.2'] },
  );
  expect(await codeOf(channel.dial({ host: 'two.example', port }))).toBe('egress_denied');
  expect([resolved, canary.connections]).toEqual([['two.example'], 0]);
});

test('the second address is tried when the first does not answer', async () => {
  await using canary = await openCanary();
  const { channel } = open([{ host: 'two.example', port: canary.port, anyAddress: true }], {
    'two.example': ['127.0.0.9', '127.0.0.1'],
  });
  expect(await codeOf(channel.dial({ host: 'two.example', port: canary.port }))).toBe('dialled');
});

test('what is allowed and does not answer is unreachable, and says why', async () => {
  const gone = await openCanary();
  const { port } = gone;
  await gone[Symbol.asyncDispose]();
  const { channel } = open([
    { host: '127.0.0.1', port },
    { host: 'nowhere.example', port },
  ]);
  await expect(channel.dial({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'egress_unreachable',
    status: 502,
    message: expect.stringContaining('ECONNREFUSED'),
  });
  await expect(channel.dial({ host: 'nowhere.example', port })).rejects.toMatchObject({
    code: 'egress_unreachable',
    message: expect.stringContaining('no address for nowhere.example'),
  });
});

test('a lookup without an end is given up in time, or when nobody waits any more', async () => {
  const { channel } = open(
    [{ host: 'slow.example', port: 443 }],
    {},
    {
      resolve: () => new Promise(() => {}),
      limits: { connectMs: 50 },
    },
  );
  await expect(channel.dial({ host: 'slow.example', port: 443 })).rejects.toMatchObject({
    code: 'egress_unreachable',
    message: expect.stringContaining('50 ms'),
  });
  const leaving = AbortSignal.abort(new Error('left'));
  await expect(channel.dial({ host: 'slow.example', port: 443 }, leaving)).rejects.toThrow('left');
});

test('the platform answers at its name, whatever the list says, and that nothing runs behind this channel', async () => {
  const { channel, resolved } = open([{ host: 'tabbify.internal', port: 81 }], {});
  const stream = await channel.dial({ host: 'Tabbify.Internal', port: 80 });
  const asked = request({
    path: '/v1/events',
    headers: { host: 'tabbify.internal' },
    createConnection: () => stream,
  });
  asked.end();
  const [answer] = await once(asked, 'response');
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, 'application/problem+json']);
  expect(JSON.parse(await text(answer))).toMatchObject({ status: 404, code: 'app_api_missing' });
  expect(resolved).toEqual([]);
});

test('at the name of the platform is nothing but its API, and no other app', async () => {
  const { channel, said } = open([]);
  expect(await codeOf(channel.dial({ host: 'tabbify.internal', port: 443 }))).toBe('egress_denied');
  expect(said.at(-1)).toContain('http://tabbify.internal');
  await expect(channel.dial({ host: 'shop.tabbify.internal', port: 80 })).rejects.toMatchObject({
    hint: expect.stringContaining('http_allow_list = ["app:shop"]'),
  });
});

test('either end of a stream to the platform that goes takes the other along', async () => {
  const ends: Duplex[] = [];
  const { channel } = open([], {}, { platform: (stream) => void ends.push(stream) });
  const first = await channel.dial({ host: 'tabbify.internal', port: 80 });
  first.destroy();
  await until('the platform has noticed', () => ends[0]?.destroyed === true);
  const second = await channel.dial({ host: 'tabbify.internal', port: 80 });
  ends[1]?.destroy();
  await until('the app has noticed', () => second.destroyed);
});

test('an instance has so many streams at once and no more, also of those that are being dialled', async () => {
  await using canary = await openCanary();
  const to = { host: '127.0.0.1', port: canary.port };
  const { channel } = open([to], {}, { limits: { streams: 2 } });
  const [first] = await Promise.all([channel.dial(to), channel.dial(to)]);
  expect(await codeOf(channel.dial(to))).toBe('egress_busy');
  first.destroy();
  await once(first, 'close');
  expect(await codeOf(channel.dial(to))).toBe('dialled');
});
