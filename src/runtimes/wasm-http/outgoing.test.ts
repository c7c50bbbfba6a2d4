import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { type AppChannel, allowedHosts, noAppApi, openChannel } from '../../egress/index.ts';
import { type Canary, CERTIFICATE, CERTIFICATE_KEY, openCanary } from '../../egress/testing/index.ts';
import { systemClock } from '../../kit/index.ts';
import { openRequest, until } from '../testing/served-app.ts';
import { useProbe } from './probe.fixture.ts';

const startProbe = useProbe();
const MIB = 1 << 20;
/** Milliseconds; what a guest leaves open is ended 5 s after its request anyway. */
const AT_ONCE_MS = 4_000;
const TRUSTED = getCACertificates();
afterEach(() => setDefaultCACertificates(TRUSTED));

/** Cases of `error-code` in the WIT, by their number. */
const CODES = {
  connectionRefused: 6,
  connectionTerminated: 7,
  connectionTimeout: 8,
  tls: 12,
  certificate: 13,
  headerSectionSize: 26,
  timeout: 33,
  protocolError: 35,
};

const channelTo = (...canaries: readonly Canary[]): AppChannel =>
  openChannel({
    policy: allowedHosts(canaries.map(({ port }) => ({ host: '127.0.0.1', port }))),
    platform: noAppApi(),
    say: () => {},
    clock: systemClock,
  });

/** Has everybody who came gone again? */
const hasEnded = ({ sockets }: Canary): boolean =>
  sockets.every((socket) => socket.readableEnded || socket.destroyed);

const to = ({ port }: { readonly port: number }, route = 'out', path = '/') =>
  `/${route}?to=http://127.0.0.1:${port}${path}`;

/** Sends that as soon as anything comes. */
const saying = (answer: string, then: (socket: Socket) => void = (socket) => void socket.end()) =>
  openCanary((socket) => {
    socket.once('data', () => {
      socket.write(answer);
      then(socket);
    });
  });

test('a body goes out chunk by chunk, and the answer comes back as it is given', async () => {
  const answers: Socket[] = [];
  await using canary = await openCanary((socket) => void answers.push(socket));
  await using served = await startProbe({ channel: channelTo(canary) });
  const request = openRequest(served.port, to(canary, 'relay'), 'POST');
  request.write('first');
  await until('the first chunk', () => canary.heard.includes('5\r\nfirst\r\n'));
  expect(canary.heard).toMatch(/^POST \/ HTTP\/1\.1\r\n/);
  expect(canary.heard.toLowerCase()).toContain('\r\ntransfer-encoding: chunked\r\n');
  request.write('second');
  await until('the second chunk', () => canary.heard.includes('6\r\nsecond\r\n'));
  request.end();
  await until('its end', () => canary.heard.endsWith('0\r\n\r\n'));
  const [far] = answers;
  far?.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n');
  const answer = await request.answer;
  const read = answer.iterator() as AsyncIterator<Buffer>;
  expect(String((await read.next()).value)).toBe('one');
  far?.write('3\r\ntwo\r\n0\r\nx-trailer: ignored\r\n\r\n');
  expect(String((await read.next()).value)).toBe('two');
  expect((await read.next()).done).toBe(true);
});

test('a far end that reads slowly slows the guest, and with it the visitor', async () => {
  await using canary = await openCanary((socket) => void socket.pause());
  await using served = await startProbe({ channel: channelTo(canary), fuelPerRequest: 10_000_000_000 });
  const upload = openRequest(served.port, to(canary, 'relay'), 'POST');
  for (let sent = 0; sent < 64; sent++) {
    upload.write(Buffer.alloc(MIB));
    await new Promise((turn) => setImmediate(turn)); // else all of it is one write
  }
  let before = -1;
  await until('nothing moves any more', () => {
    const isStill = upload.unsent() === before;
    before = upload.unsent();
    return isStill && before < 64 * MIB;
  });
  expect(upload.unsent()).toBeGreaterThan(32 * MIB);
  upload.abort();
});

test('a visitor who reads slowly slows the far end', async () => {
  const part = Buffer.alloc(MIB);
  await using canary = await saying(`HTTP/1.1 200 OK\r\ncontent-length: ${64 * MIB}\r\n\r\n`, (socket) => {
    for (let sent = 0; sent < 64; sent++) socket.write(part);
  });
  await using served = await startProbe({ channel: channelTo(canary), fuelPerRequest: 10_000_000_000 });
  const answer = await openRequest(served.port, to(canary)).answer;
  answer.pause();
  let before = -1;
  await until('nothing moves any more', () => {
    const left = canary.sockets[0]?.writableLength ?? 0;
    const isStill = left === before;
    before = left;
    return isStill;
  });
  expect(before).toBeGreaterThan(32 * MIB);
  let received = 0;
  for await (const chunk of answer) received += (chunk as Buffer).length;
  expect(received).toBe(64 * MIB);
});

test.each([
  ['resets the connection', 'connectionTerminated', (socket: Socket) => socket.resetAndDestroy()],
  ['ends without an answer', 'connectionTerminated', (socket: Socket) => socket.end()],
  ['answers with what is no HTTP', 'protocolError', (socket: Socket) => socket.end('220 mail\r\n')],
  [
    'answers with a head without an end',
    'headerSectionSize',
    (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}`),
  ],
] as const)('a far end that %s is an error of the guest, which serves on', async (_, code, answer) => {
  await using canary = await openCanary((socket) => void socket.once('data', () => answer(socket)));
  await using served = await startProbe({ channel: channelTo(canary) });
  const told = await fetch(served.url + to(canary));
  expect([told.status, await told.text()]).toEqual([502, `error ${CODES[code]}\n`]);
  expect((await fetch(served.url)).status).toBe(200);
});

test('an upgrade that nobody asked for is no answer, and the guest does not wait for one', async () => {
  await using canary = await saying(
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  );
  await using served = await startProbe({ channel: channelTo(canary) });
  expect(await (await fetch(served.url + to(canary))).text()).toBe(`error ${CODES.protocolError}\n`);
});

test('where nobody listens the connection is refused', async () => {
  const gone = await openCanary();
  await gone[Symbol.asyncDispose]();
  await using served = await startProbe({ channel: channelTo(gone) });
  expect(await (await fetch(served.url + to(gone))).text()).toBe(`error ${CODES.connectionRefused}\n`);
});

test('an answer that breaks off is no whole answer', async () => {
  await using canary = await saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
  await using served = await startProbe({ channel: channelTo(canary) });
  await expect(fetch(served.url + to(canary)).then((answer) => answer.text())).rejects.toThrow();
});

test('the time a guest gives each step is kept: for the connection, the head, and the next bytes', async () => {
  const never: AppChannel = {
    dial: (_, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  };
  await using first = await startProbe({ channel: never });
  expect(await (await fetch(first.url + to({ port: 1 }, 'hurry'))).text()).toBe(
    `error ${CODES.connectionTimeout}\n`,
  );
  await using silent = await openCanary();
  await using slow = await saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => {});
  await using served = await startProbe({ channel: channelTo(silent, slow) });
  expect(await (await fetch(served.url + to(silent, 'hurry'))).text()).toBe(`error ${CODES.timeout}\n`);
  await expect(fetch(served.url + to(slow, 'hurry')).then((answer) => answer.text())).rejects.toThrow();
  for (const { sockets } of [silent, slow])
    await until('nothing is left open', () =>
      sockets.every((socket) => socket.readableEnded || socket.destroyed),
    );
});

test.each(['peek', 'leave', 'half'])('what the guest lets go of is broken off: %s', async (route) => {
  await using canary = await saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => {});
  const dialled: AbortSignal[] = [];
  const channel = channelTo(canary);
  await using served = await startProbe({
    channel: {
      dial(place, signal) {
        if (signal) dialled.push(signal);
        return channel.dial(place, signal);
      },
    },
  });
  const answer = await fetch(served.url + to(canary, route));
  expect(answer.status).toBe(route === 'half' ? 502 : 200);
  await until('it has gone', () => hasEnded(canary), AT_ONCE_MS);
  expect(dialled.map((signal) => signal.aborted)).toEqual([route !== 'peek']); // there it stood already
});

test.each([
  ['while it waits for the head', ''],
  ['while it waits for the body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'],
])('with the guest ends what it has asked for: %s', async (_, said) => {
  await using canary = await saying(said, () => {});
  await using served = await startProbe({ channel: channelTo(canary) });
  const request = openRequest(served.port, to(canary));
  await until('it has asked', () => canary.heard.includes('GET / '));
  await served.app.stop(0);
  await until('it has gone', () => hasEnded(canary), AT_ONCE_MS);
  request.abort();
});

test('a visitor who leaves takes along what the guest has asked for', async () => {
  await using canary = await openCanary();
  await using served = await startProbe({ channel: channelTo(canary) });
  const request = openRequest(served.port, to(canary));
  await until('it has asked', () => canary.heard.includes('GET / '));
  request.abort();
  await until('it has gone', () => canary.sockets[0]?.readableEnded !== false);
});

test('https is TLS with a certificate for the name that was asked for, over the stream of the channel', async () => {
  const names: (string | false | null)[] = [];
  const server = createServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, (request, response) => {
    names.push((request.socket as TLSSocket).servername ?? null);
    response.end(`asked ${request.headers.host}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const channel = openChannel({
    policy: allowedHosts(
      ['allowed.example', 'other.example', '127.0.0.1'].map((host) => ({ host, port, anyAddress: true })),
    ),
    platform: noAppApi(),
    say: () => {},
    clock: systemClock,
    resolve: async () => ['127.0.0.1'],
  });
  await using served = await startProbe({ channel });
  const ask = async (host: string) => {
    const answer = await fetch(`${served.url}/out?to=https://${host}:${port}/`);
    return `${answer.status} ${await answer.text()}`;
  };
  expect(await ask('allowed.example')).toBe(`502 error ${CODES.certificate}\n`); // nobody said that it is to be trusted
  setDefaultCACertificates([CERTIFICATE]);
  expect(await ask('allowed.example')).toBe(`200 asked allowed.example:${port}`);
  expect(await ask('Allowed.Example.')).toBe(`200 asked Allowed.Example.:${port}`);
  expect(await ask('127.0.0.1')).toBe(`200 asked 127.0.0.1:${port}`);
  expect(await ask('other.example')).toBe(`502 error ${CODES.certificate}\n`);
  expect(names).toEqual(['allowed.example', 'Allowed.Example', false]);
  await using plain = await saying('HTTP/1.1 400 Not TLS\r\n\r\n');
  await using second = await startProbe({ channel: channelTo(plain) });
  const answer = await fetch(`${second.url}/out?to=https://127.0.0.1:${plain.port}/`);
  expect(await answer.text()).toBe(`error ${CODES.tls}\n`);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('what a guest keeps open beyond its request is ended a little later', async () => {
  await using canary = await openCanary();
  await using served = await startProbe({ channel: channelTo(canary) });
  expect((await fetch(served.url + to(canary, 'keep'))).status).toBe(200);
  await until('it has gone', () => canary.sockets[0]?.readableEnded === true, 20_000);
  expect(canary.heard).toMatch(/^GET \/ /);
  expect(served.app.stats()).toMatchObject({ instances: 1 });
});

test('the app API is reached by its name', async () => {
  await using served = await startProbe({ channel: channelTo() });
  const answer = await fetch(`${served.url}/out?to=http://tabbify.internal/v1/events`);
  expect([answer.status, (await answer.json()) as unknown]).toEqual([
    404,
    expect.objectContaining({ code: 'app_api_missing' }),
  ]);
});

test('many requests at once, each with a connection of its own, leave none behind', async () => {
  await using canary = await saying('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  await using served = await startProbe({ channel: channelTo(canary) });
  for (let turn = 0; turn < 5; turn++) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(served.url + to(canary))));
    for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([200, 'ok']);
  }
  expect(canary.connections).toBe(100);
  await until('all have gone', () =>
    canary.sockets.every((socket) => socket.readableEnded || socket.destroyed),
  );
});
