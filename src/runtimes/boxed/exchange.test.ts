import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { openRequest, until } from '../testing/served-app.ts';
import { handGuest, rawAnswer } from './testing/hand-guest.ts';

const GET = 'GET / HTTP/1.1\r\nHost: app\r\n';
const CLOSE = `${GET}Connection: close\r\n\r\n`;

describe('an answer that is none', () => {
  test.each<[string, string]>([
    ['no HTTP at all', 'ham and eggs\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 99 No\r\nContent-Length: 0\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n'],
    ['a bare line feed in the head', 'HTTP/1.1 200 OK\nX: y\n\n'],
    ['a carriage return in a value', 'HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n'],
    ['a NUL in a value', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n'],
    ['two different lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['another encoding than chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx'],
    ['chunks within chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n'],
    ['a head that is too large', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
    ['the end of the connection', ''],
  ])('is a 502 and its connection is not used again: %s', async (_, answer) => {
    await using guest = await handGuest((socket) => {
      if (guest.connections.length > 1) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else if (answer === '') socket.end();
      else socket.write(answer, 'latin1');
    });
    const first = await fetch(guest.url);
    expect(first.status).toBe(502);
    expect(first.headers.get('content-type')).toBe('application/problem+json');
    expect(await first.json()).toMatchObject({
      code: expect.stringMatching(/^(response_invalid|app_no_response)$/),
    });
    expect(await (await fetch(guest.url)).text()).toBe('ok');
    expect(guest.connections).toHaveLength(2);
  });

  test('breaks the visitor’s transfer when it goes wrong after its head', async () => {
    for (const body of [
      'Content-Length: 10\r\n\r\nshort',
      'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nnot a size\r\n',
      'Transfer-Encoding: chunked\r\n\r\n5\r\nabc',
    ]) {
      await using guest = await handGuest((socket) => socket.end(`HTTP/1.1 200 OK\r\n${body}`));
      const answer = await fetch(guest.url).catch(() => null);
      if (answer !== null) await expect(answer.text()).rejects.toThrow();
    }
  });
});

describe('an answer', () => {
  test('is framed anew: headers of the guest’s connection end with it, names it gives away too', async () => {
    await using guest = await handGuest((socket) =>
      socket.write(
        'HTTP/1.1 200 Fine\r\nConnection: keep-alive, X-Mine, Content-Length\r\nKeep-Alive: timeout=1, max=1\r\nX-Mine: 1\r\nX-Kept: a\r\nX-Kept: b\r\n' +
          'Upgrade: h2c\r\nProxy-Connection: close\r\nTE: x\r\nTrailer: Z\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 2\r\n\r\nok',
      ),
    );
    const raw = await rawAnswer(guest.port, CLOSE);
    expect(raw).toMatch(/^HTTP\/1\.1 200 Fine\r\n/);
    expect(raw).toMatch(/\r\n\r\nok$/);
    expect(raw.match(/x-kept: [ab]|set-cookie: \w=\d/gi)).toEqual([
      'X-Kept: a',
      'X-Kept: b',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
    ]);
    expect(raw).toMatch(/Content-Length: 2\r\n/i);
    expect(raw).not.toMatch(/x-mine|upgrade|proxy-connection|^te:|trailer|timeout=1,/im);
  });

  test('of HEAD, 204 and 304 has no body, whatever the guest sends behind it', async () => {
    await using guest = await handGuest((socket, head) => {
      if (head.startsWith('HEAD')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n');
      else if (head.includes(' /204'))
        socket.write('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello');
      else if (head.includes(' /304'))
        socket.write('HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\nETag: "x"\r\n\r\n0\r\n\r\n');
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext');
    });
    const ask = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nHost: app\r\n\r\n`;
    for (const [method, path, status] of [
      ['HEAD', '/', 200],
      ['GET', '/204', 204],
      ['GET', '/304', 304],
    ] as const) {
      const raw = await rawAnswer(guest.port, ask(method, path) + ask('GET', '/next'), /next$/);
      expect(raw).toMatch(
        new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*?\r\n\r\nHTTP/1\\.1 200 [\\s\\S]*?\r\n\r\nnext$`),
      );
      if (status === 204) expect(raw.split('\r\n\r\n')[0]).not.toMatch(/content-length/i);
    }
  });

  test('whose body lets wait for itself is there as soon as its head is', async () => {
    await using guest = await handGuest((socket) => socket.write('HTTP/1.1 200 OK\r\nX-Early: yes\r\n\r\n'));
    const answer = await fetch(guest.url);
    expect(answer.headers.get('x-early')).toBe('yes');
    await answer.body?.cancel();
  });

  test('without a length ends with the guest’s connection', async () => {
    await using guest = await handGuest((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nall of it'));
    expect(await (await fetch(guest.url)).text()).toBe('all of it');
  });

  test('that comes twice counts once, and the connection is not used again', async () => {
    const one = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n';
    await using guest = await handGuest((socket) => {
      const isFirst = guest.connections.length === 1;
      socket.write(isFirst ? `${one}one${one}two` : `${one}new`);
    });
    expect(await (await fetch(guest.url)).text()).toBe('one');
    await until('the connection to be closed', () => guest.connections[0]!.destroyed);
    expect(await (await fetch(guest.url)).text()).toBe('new');
  });

  test('that nobody asked for, on a connection that rests, reaches nobody', async () => {
    const one = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n';
    await using guest = await handGuest(
      (socket) => void socket.write(`${one}${guest.connections.length === 1 ? 'one' : 'new'}`),
    );
    expect(await (await fetch(guest.url)).text()).toBe('one');
    guest.connections[0]!.write(`${one}BAD`);
    await until('the connection to be closed', () => guest.connections[0]!.destroyed);
    expect(await (await fetch(guest.url)).text()).toBe('new');
  });

  test('before the end of the request reaches a visitor who is still sending', async () => {
    await using guest = await handGuest((socket) =>
      socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'),
    );
    const request = openRequest(guest.port, '/', 'POST');
    request.write('some');
    const answer = await request.answer;
    expect([answer.statusCode, await text(answer)]).toEqual([413, 'no']);
    await until('the connection to be closed', () => guest.connections[0]!.destroyed);
    request.end();
    const again = await fetch(guest.url, { method: 'POST', body: 'x' });
    expect(again.status).toBe(413);
    expect(guest.connections).toHaveLength(2); // the rest of the first body was still due on the first one
  });

  test('interim answers end here', async () => {
    await using guest = await handGuest((socket) =>
      socket.write(
        `${'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n'.repeat(3)}HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`,
      ),
    );
    expect(await rawAnswer(guest.port, CLOSE)).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*\r\n\r\nok$/);
  });

  test('trailers go through in both directions, but for those that would change the head', async () => {
    let seen = '';
    await using guest = await handGuest(
      () => {},
      (socket, all) => {
        seen = all;
        if (!all.endsWith('X-Sum: 7\r\n\r\n')) return;
        socket.write(
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 8\r\nSet-Cookie: t=1\r\n\r\n',
        );
      },
    );
    const sent =
      'POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\nTabbify-Actor: root\r\nX-Sum: 7\r\n\r\n';
    const raw = await rawAnswer(guest.port, sent);
    expect(raw).toMatch(/2\r\nok\r\n0\r\nX-Sum: 8\r\n\r\n$/);
    expect(seen).not.toMatch(/tabbify/i);
  });
});

describe('a request', () => {
  const echoHead = (socket: { write(text: string): unknown }, head: string): void => {
    const body = JSON.stringify(head);
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  };

  test('keeps its headers as they were written, without those of the connection', async () => {
    await using guest = await handGuest(echoHead);
    const raw = await rawAnswer(
      guest.port,
      'GET /a%20b?c=d&e HTTP/1.1\r\nHost: app.example\r\nX-One: 1\r\nX-one: 2\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nCookie: a=b; c\r\n\r\n',
    );
    const head = JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4)) as string;
    expect(head).toBe(
      'GET /a%20b?c=d&e HTTP/1.1\r\nHost: app.example\r\nX-One: 1\r\nX-one: 2\r\nCookie: a=b; c\r\nConnection: keep-alive\r\n\r\n',
    );
  });

  test.each([
    [
      'POST without a body',
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /\r\nContent-Length: 0\r\n/,
    ],
    [
      'a length of nothing',
      'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      /\r\nContent-Length: 0\r\n/,
    ],
    [
      'DELETE without a body',
      'DELETE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      /^(?![\s\S]*(content-length|transfer-encoding))/i,
    ],
    ['no host, as HTTP/1.0 may', 'GET / HTTP/1.0\r\n\r\n', /\r\nHost: \r\n/],
  ])('is framed for the guest: %s', async (_, sent, expected) => {
    await using guest = await handGuest(echoHead);
    const raw = await rawAnswer(guest.port, sent);
    expect(JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4))).toMatch(expected);
  });

  test('that asks for 100-continue is told so by the runner, and the guest gets its body', async () => {
    let seen = '';
    await using guest = await handGuest(
      () => {},
      (socket, all) => {
        seen = all;
        if (all.endsWith('body')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      },
    );
    const request = httpRequest({
      port: guest.port,
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': 4 },
    });
    request.flushHeaders();
    await once(request, 'continue');
    request.end('body');
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(await text(answer)).toBe('ok');
    expect(seen).not.toMatch(/expect/i);
  });

  test('is sent again when its connection was closed before the guest had seen it', async () => {
    let heads = 0;
    await using guest = await handGuest((socket) => {
      heads++;
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    expect((await fetch(guest.url)).status).toBe(200);
    for (const init of [{}, { method: 'POST', body: 'x' }]) {
      guest.beforeSend = () => void guest.connections.at(-1)?.destroy();
      const answer = await fetch(guest.url, init);
      expect([answer.status, await answer.text()]).toEqual([200, 'ok']);
    }
    expect([heads, guest.connections.length]).toEqual([3, 3]);
  });

  test('is never sent again when the guest may have handled it', async () => {
    let heads = 0;
    await using guest = await handGuest((socket, _, nth) => {
      heads++;
      if (nth === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else socket.destroy(); // on a connection that was used before, as one that falls idle would
    });
    expect((await fetch(guest.url)).status).toBe(200);
    expect((await fetch(guest.url)).status).toBe(502);
    expect(heads).toBe(2);
  });

  test('whose visitor leaves is broken off towards the guest', async () => {
    await using guest = await handGuest((socket, head) => {
      if (head.includes('/stream')) socket.write('HTTP/1.1 200 OK\r\n\r\nbegun');
    });
    for (const path of ['/waiting', '/stream']) {
      const before = guest.connections.length;
      const request = openRequest(guest.port, path);
      await until('the guest to have it', () => guest.connections.length > before);
      if (path === '/stream') await request.answer;
      request.abort();
      await until('the guest to hear of it', () => guest.connections.at(-1)!.destroyed);
    }
  });
});

describe('back-pressure', () => {
  const CHUNK = Buffer.alloc(64 * 1024);
  /** Bytes that may be on their way between both ends: buffers of the kernel and of node, for four sockets. */
  const ON_THE_WAY = 16 << 20;

  test('a visitor who does not read keeps the guest from writing', async () => {
    let written = 0;
    await using guest = await handGuest((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const write = (): void => {
        while (socket.write(CHUNK)) written += CHUNK.length;
        socket.once('drain', write);
      };
      write();
    });
    const request = httpRequest({ port: guest.port, agent: false }).end();
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    answer.pause();
    const rests = async (): Promise<void> => {
      for (let before = -1; before !== written; ) {
        before = written;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    await rests();
    expect(written).toBeLessThan(ON_THE_WAY);
    const had = written;
    answer.resume();
    await until('it to write on', () => written > had + ON_THE_WAY);
    request.destroy();
  });

  test('a guest that does not read keeps a visitor from sending', async () => {
    await using guest = await handGuest((socket) => socket.pause());
    const request = openRequest(guest.port, '/', 'POST');
    let written = 0;
    while (request.write(CHUNK) || written < ON_THE_WAY) {
      written += CHUNK.length;
      if (written > 4 * ON_THE_WAY) break;
    }
    for (let before = -1; before !== request.unsent(); ) {
      before = request.unsent();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(request.unsent()).toBeGreaterThan(0);
    request.abort();
  });
});
