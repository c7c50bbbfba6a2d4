import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { serveChannel } from './channel-server.ts';
import { grantedHosts } from './granted-hosts.ts';
import { noAppApi } from './no-app-api.ts';
import { openChannel } from './open-channel.ts';
import { openCanary } from './testing/canary.ts';

/** What somebody is told who asks through the proxy for what is answered so. */
async function told(answer: string, request = ''): Promise<string> {
  await using canary = await openCanary(
    (socket) => void socket.once('data', () => socket.end(answer, 'latin1')),
  );
  const folder = await mkdtemp(join(tmpdir(), 'odd-'));
  const channel = openChannel({
    policy: grantedHosts([`127.0.0.1:${canary.port}`]),
    platform: noAppApi(),
    say: () => {},
    clock: { now: () => 0 },
  });
  const server = await serveChannel(channel, join(folder, 's'));
  try {
    const socket = connect({ path: server.path, allowHalfOpen: true });
    socket.write(
      `GET http://127.0.0.1:${canary.port}/ HTTP/1.1\r\nhost: x\r\nconnection: close${request}\r\n\r\n`,
    );
    return (await text(socket)) + canary.heard;
  } finally {
    await server.close();
    await rm(folder, { recursive: true });
  }
}

// An exception there would end the runner.
test.each([
  ['a status that is none', 'HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n'],
  ['a status of zeros', 'HTTP/1.1 000 Odd\r\ncontent-length: 0\r\n\r\n'],
  ['a control character behind its status', 'HTTP/1.1 200 O\x01dd\r\ncontent-length: 0\r\n\r\n'],
  ['a NUL behind its status', 'HTTP/1.1 200 \0\r\ncontent-length: 0\r\n\r\n'],
  ['a control character in a field', 'HTTP/1.1 200 OK\r\nx: \x01\r\ncontent-length: 0\r\n\r\n'],
  [
    'a change of protocol that nobody asked for',
    'HTTP/1.1 101 Odd\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  ],
  ['nothing', ''],
])('who answers with %s is no reason to fall', async (_, answer) => {
  expect(await told(answer)).toMatch(/^HTTP\/1\.1 502 .*egress_unreachable/s);
});

test('a length that is said to be for the connection alone stays with its body', async () => {
  const body = 'GET /smuggled HTTP/1.1\r\n\r\n';
  const heard = await told(
    'HTTP/1.1 200 OK\r\nx: y\r\n\r\n',
    `, content-length\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, -4)}`,
  );
  expect(heard).toMatch(/^HTTP\/1\.1 200 .*content-length: 26\r\n\r\nGET \/smuggled/is);
});
