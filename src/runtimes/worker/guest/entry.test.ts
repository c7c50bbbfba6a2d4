import { createServer } from 'node:http';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { entryOf } from './entry.ts';

const kindOf = (value: unknown) => entryOf({ default: value }).kind;

test('takes what has a fetch as a handler of the web, also a Hono app and an instance of a class', () => {
  expect(kindOf({ fetch: () => new Response() })).toBe('fetch');
  expect(kindOf(new Hono())).toBe('fetch');
  expect(kindOf(Object.assign(() => {}, { fetch: () => new Response() }))).toBe('fetch');
  class App {
    answer = 'mine';
    fetch() {
      return new Response(this.answer);
    }
  }
  const entry = entryOf({ default: new App() });
  expect(entry.kind === 'fetch' && entry.handle(new Request('http://a/'), {}, {})).toBeInstanceOf(Response);
});

test('tells functions apart by what they take', () => {
  expect(kindOf(() => new Response())).toBe('fetch');
  expect(kindOf(async (request: Request) => new Response(request.url))).toBe('fetch');
  expect(kindOf(async (_request: Request, env: { NAME: string }) => new Response(env.NAME))).toBe('fetch');
  expect(kindOf((_request: unknown, response: { end(): void }) => response.end())).toBe('node');
  const inner = (_a: unknown, _b: unknown) => {};
  expect(kindOf((one: unknown, two: unknown) => inner(one, two))).toBe('either');
});

test('takes a server of node:http, and what a bundled CommonJS module calls its default', () => {
  expect(kindOf(createServer())).toBe('server');
  expect(kindOf({ __esModule: true, default: { fetch: () => new Response() } })).toBe('fetch');
});

test.each([
  undefined,
  null,
  1,
  'fetch',
  class {
    fetch() {}
  },
  {},
  { fetch: 1 },
  { default: { fetch() {} } },
])('finds nothing that takes requests in %j', (value) => {
  expect(kindOf(value)).toBe('none');
});
