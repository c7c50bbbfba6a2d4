import { request } from 'node:http';
import { expect, test } from 'vitest';
import { textOf, useProbe } from './probe.fixture.ts';

const startProbe = useProbe();

test('the guest is told method, path, scheme, authority and headers, without those of the connection', async () => {
  await using served = await startProbe();
  const told = await new Promise<string>((resolve, reject) => {
    const headers = {
      host: 'app.example',
      'x-forwarded-proto': 'https',
      te: 'trailers',
      'X-Twice': ['a', 'b'],
    };
    request(
      {
        port: served.port,
        path: '/inspect?q=%20',
        method: 'PURGE',
        headers: { ...headers, 'content-length': '0' },
      },
      async (answer) => {
        let body = '';
        for await (const chunk of answer) body += chunk;
        resolve(body);
      },
    )
      .on('error', reject)
      .end();
  });
  expect(told.trimEnd().split('\n')).toEqual([
    'path /inspect?q=%20',
    'method PURGE',
    'scheme https',
    'authority app.example',
    'host: app.example',
    'x-forwarded-proto: https',
    'x-twice: a',
    'x-twice: b',
    'content-length: 0',
  ]);
});

test('a header no guest may set is its error, not the end of the host', async () => {
  await using served = await startProbe();
  expect((await textOf(served, '/headers')).trimEnd().split('\n')).toEqual([
    'x-fine taken',
    'bad name invalid',
    ' invalid',
    'x-split invalid',
    'Connection forbidden',
    'transfer-encoding forbidden',
    'keep-alive forbidden',
    'upgrade forbidden',
    'trailer forbidden',
    'x-late immutable',
  ]);
});

test('an answer that is whole at once has a length, one that is not is streamed', async () => {
  await using served = await startProbe();
  expect((await fetch(`${served.url}/`)).headers.get('content-length')).toBe('11');
  const long = await fetch(`${served.url}/bytes/500000`);
  expect(long.headers.get('content-length')).toBeNull();
  expect((await long.arrayBuffer()).byteLength).toBe(500_000);
});

test('HEAD, 204 and 304 carry no body, whatever the guest writes', async () => {
  await using served = await startProbe();
  for (const [path, method] of [
    ['/bytes/5000', 'HEAD'],
    ['/status/204', 'GET'],
    ['/status/304', 'GET'],
    ['/short', 'HEAD'],
  ] as const) {
    const answer = await fetch(served.url + path, { method });
    expect(await answer.text()).toBe('');
  }
  expect((await fetch(`${served.url}/short`, { method: 'HEAD' })).headers.get('content-length')).toBe('10');
  expect(await textOf(served, '/')).toMatch('requests');
});

test('no guest can answer with 101 and keep the connection', async () => {
  await using served = await startProbe();
  expect((await fetch(`${served.url}/status/101`)).status).toBe(200);
});

test('a body of another length than its content-length is a 500, not a broken next answer', async () => {
  await using served = await startProbe();
  for (const path of ['/short', '/long', '/no-length']) {
    const answer = await fetch(served.url + path);
    expect([path, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      path,
      500,
      'response_invalid',
    ]);
  }
});

test('a flood of output is cut, and said to be', async () => {
  await using served = await startProbe();
  await textOf(served, '/flood');
  expect(served.logged.length).toBeLessThan(5000);
  await textOf(served, '/sleep/1100');
  await textOf(served, '/log');
  expect(served.logged.join('\n')).toMatch(/lines were dropped/);
});
