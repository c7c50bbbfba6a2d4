import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { textOf, useProbe } from './probe.fixture.ts';
import { denyingRest } from './wasi/deny.ts';

const startProbe = useProbe();
const HTTP_REQUEST_DENIED = 15; // case of error-code in the WIT

test('an outgoing request is denied: the canary hears nothing, the log names the line that will allow it', async () => {
  let heard = 0;
  const canary = createServer((_, response) => {
    heard++;
    response.end('reached');
  });
  canary.on('connection', () => heard++);
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  const { port } = canary.address() as AddressInfo;
  await using served = await startProbe();
  expect(await textOf(served, `/outgoing/127.0.0.1:${port}`)).toBe(`error ${HTTP_REQUEST_DENIED}\n`);
  expect(await textOf(served, `/outgoing/localhost:${port}`)).toBe(`error ${HTTP_REQUEST_DENIED}\n`);
  expect(await textOf(served, '/outgoing/API.example.com:443')).toBe(`error ${HTTP_REQUEST_DENIED}\n`);
  expect(heard).toBe(0);
  expect(served.logged).toContainEqual(expect.stringContaining(`http_allow_list = ["127.0.0.1:${port}"]`));
  expect(served.logged).toContainEqual(
    expect.stringMatching(/^platform: .*http_allow_list = \["api\.example\.com"\]$/),
  );
  canary.close();
});

test('the same denial is said once, not at every try', async () => {
  await using served = await startProbe();
  for (let turn = 0; turn < 5; turn++) await textOf(served, '/outgoing/api.example.com');
  expect(served.logged.filter((line) => line.includes('api.example.com'))).toHaveLength(1);
});

test('there is no folder and no socket', async () => {
  await using served = await startProbe();
  expect(await textOf(served, '/reach')).toBe('directories 0\nsocket refused\n');
  expect(served.logged).toContainEqual(expect.stringContaining('a TCP socket denied'));
});

test('a function nobody offers ends the request and names itself', async () => {
  await using served = await startProbe();
  const answer = await fetch(`${served.url}/nowhere`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toContain('wasi:cli/nowhere#openTheDoor');
});

test('an interface offers what it was given, all else is denied: functions, constructors, methods, static ones', () => {
  const offered = denyingRest('wasi:some/thing', { known: () => 1 }) as Record<string, never>;
  const call = (run: () => unknown) => expect(run);
  call(() => (offered.known as unknown as () => number)()).not.toThrow();
  call(() => (offered.open as unknown as () => void)()).toThrow('wasi:some/thing#open');
  const Resource = offered.Descriptor as unknown as {
    new (): object;
    readAll(): void;
    prototype: { stat(): void };
  };
  call(() => new Resource()).toThrow('wasi:some/thing#Descriptor');
  call(() => Resource.readAll()).toThrow('wasi:some/thing#Descriptor.readAll');
  call(() => (Object.create(Resource.prototype) as { stat(): void }).stat()).toThrow(
    'wasi:some/thing#Descriptor.stat',
  );
  call(() => (offered.constructor as unknown as () => void)()).toThrow('wasi:some/thing#constructor');
  expect({} instanceof (Resource as never)).toBe(false);
});
